using System.Text.RegularExpressions;

namespace LogPipeline.Worker.Cli.Send;

/// <summary>Where the time of a line comes from.</summary>
enum TimestampForm
{
    /// <summary>The time at which it is read.</summary>
    Now,
    /// <summary>The first of the others that it begins with.</summary>
    Auto,
    /// <summary>2005-06-03T15:42:50.123+02:00, also with a blank, a comma, or without a zone.</summary>
    Iso8601,
    /// <summary>Jun  3 15:42:50</summary>
    Rfc3164,
    /// <summary>Seconds, milli-, micro- or nanoseconds since 1970, by their size.</summary>
    Epoch,
}

/// <summary>
/// Reads the time that a line begins with. Blanks, an opening bracket and syslog's priority may stand before it. A time
/// without a zone is one of the machine's zone.
/// </summary>
static partial class Timestamps
{
    const long SecondsMax = 100_000_000_000;
    const long MillisecondsMax = SecondsMax * 1_000;
    const long MicrosecondsMax = MillisecondsMax * 1_000;
    const int FractionDigits = 7;

    // The expressions read a line once; only a machine that stands still takes so long.
    const int MatchMillisecondsMax = 60_000;

    static readonly string[] Months =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <param name="now">The time now, in the zone of times that name none; syslog's have no year.</param>
    public static bool TryRead(TimestampForm form, string text, DateTimeOffset now, TimeZoneInfo zone,
        out DateTimeOffset time)
    {
        time = default;
        return form switch
        {
            TimestampForm.Iso8601 => TryIso8601(text, zone, out time),
            TimestampForm.Rfc3164 => TryRfc3164(text, now, zone, out time),
            TimestampForm.Epoch => TryEpoch(text, out time),
            TimestampForm.Auto => TryIso8601(text, zone, out time) || TryRfc3164(text, now, zone, out time)
                || TryEpoch(text, out time),
            _ => false,
        };
    }

    static bool TryIso8601(string text, TimeZoneInfo zone, out DateTimeOffset time)
    {
        time = default;
        var match = Iso8601().Match(text);
        if (!match.Success) return false;
        var clock = TryTime(Number(match, "year"), Number(match, "month"), Number(match, "day"), match);
        if (clock is not { } local) return false;
        var sign = match.Groups["zone"].ValueSpan;
        if (sign.Length == 0) return TryInZone(local, zone, out time);
        if (sign[0] is 'Z' or 'z') return TryOffset(local, TimeSpan.Zero, out time);
        var offset = new TimeSpan(Number(match, "zoneHours"),
            match.Groups["zoneMinutes"].Length > 0 ? Number(match, "zoneMinutes") : 0, 0);
        return TryOffset(local, sign[0] == '-' ? -offset : offset, out time);
    }

    static bool TryRfc3164(string text, DateTimeOffset now, TimeZoneInfo zone, out DateTimeOffset time)
    {
        time = default;
        var match = Rfc3164().Match(text);
        if (!match.Success) return false;
        var month = Array.IndexOf(Months, match.Groups["month"].Value) + 1;
        // The latest year in which it is not in the future by more than clocks differ; at the turn of a year that may
        // be the next one, as the zone or the other clock is ahead.
        foreach (var tried in (int[])[now.Year + 1, now.Year, now.Year - 1])
        {
            if (TryTime(tried, month, Number(match, "day"), match) is { } local && TryInZone(local, zone, out time)
                && time <= now.AddDays(1)) return true;
        }
        return false;
    }

    static bool TryEpoch(string text, out DateTimeOffset time)
    {
        var match = Epoch().Match(text);
        time = default;
        return match.Success && long.TryParse(match.Groups["whole"].ValueSpan, NumberStyles.None,
            CultureInfo.InvariantCulture, out var whole)
            && TryEpoch(whole, match.Groups["fraction"].ValueSpan, out time);
    }

    /// <summary>A number whose size says whether it counts seconds or parts of them.</summary>
    /// <param name="fraction">Digits behind its point; only seconds have them.</param>
    public static bool TryEpoch(long number, ReadOnlySpan<char> fraction, out DateTimeOffset time)
    {
        time = default;
        if (number < 0) return false;
        if (number < SecondsMax)
        {
            time = DateTimeOffset.UnixEpoch.AddSeconds(number).AddTicks(Ticks(fraction));
            return true;
        }
        if (number < MillisecondsMax) time = DateTimeOffset.UnixEpoch.AddMilliseconds(number);
        else if (number < MicrosecondsMax)
            time = DateTimeOffset.UnixEpoch.AddTicks(number * TimeSpan.TicksPerMicrosecond);
        else time = DateTimeOffset.UnixEpoch.AddTicks(number / TimeSpan.NanosecondsPerTick);
        return true;
    }

    static DateTime? TryTime(int year, int month, int day, Match match)
    {
        var (hour, minute, second) = (Number(match, "hour"), Number(match, "minute"), Number(match, "second"));
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 60) return null;
        // A leap second is the end of its minute.
        return new DateTime(year, month, day, hour, minute, Math.Min(second, 59), DateTimeKind.Unspecified)
            .AddTicks(Ticks(match.Groups["fraction"].ValueSpan));
    }

    static bool TryInZone(DateTime local, TimeZoneInfo zone, out DateTimeOffset time) =>
        TryOffset(local, zone.GetUtcOffset(local), out time);

    static bool TryOffset(DateTime local, TimeSpan offset, out DateTimeOffset time)
    {
        time = default;
        if (offset.Duration() > TimeSpan.FromHours(14) || local.Ticks - offset.Ticks < 0
            || local.Ticks - offset.Ticks > DateTime.MaxValue.Ticks) return false;
        time = new DateTimeOffset(local, offset);
        return true;
    }

    static long Ticks(ReadOnlySpan<char> fraction)
    {
        var ticks = 0L;
        for (var i = 0; i < FractionDigits; i++) ticks = ticks * 10 + (i < fraction.Length ? fraction[i] - '0' : 0);
        return ticks;
    }

    static int Number(Match match, string group) =>
        int.Parse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\s*\[?(?:<[0-9]{1,3}>(?:1 )?)?(?<year>[0-9]{4})-(?<month>[0-9]{2})-(?<day>[0-9]{2})[Tt ]"
        + @"(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:[.,](?<fraction>[0-9]{1,9}))?"
        + @"(?:(?<zone>[Zz])|(?: ?(?<zone>[+-])(?<zoneHours>[0-9]{2}):?(?<zoneMinutes>[0-9]{2})?))?(?![0-9])",
        RegexOptions.None, MatchMillisecondsMax)]
    private static partial Regex Iso8601();

    [GeneratedRegex(@"^\s*\[?(?:<[0-9]{1,3}>)?(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +"
        + @"(?<day>[0-9]{1,2}) (?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})(?:\.(?<fraction>[0-9]{1,9}))?"
        + @"(?![0-9])", RegexOptions.None, MatchMillisecondsMax)]
    private static partial Regex Rfc3164();

    [GeneratedRegex(@"^\s*\[?(?<whole>[0-9]{9,19})(?:\.(?<fraction>[0-9]{1,9}))?(?![0-9])", RegexOptions.None,
        MatchMillisecondsMax)]
    private static partial Regex Epoch();
}
