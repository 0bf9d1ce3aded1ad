using System.Text.RegularExpressions;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>The times and sizes in Loki's sentences, by which the refused lines are known without a search.</summary>
static partial class LokiSentences
{
    const int MatchMilliseconds = 1000;

    /// <summary>Why a line is one of those that the sentences are about; null: it may not be.</summary>
    public static Func<LokiEntry, string?> ReasonsIn(string body)
    {
        var behind = OldestTaken().Match(body);
        var oldest = behind.Success ? Nanoseconds(behind.Groups["time"].Value) : null;
        var late = body.Contains("too far behind", StringComparison.OrdinalIgnoreCase)
            ? "too_far_behind" : LokiAnswer.TooOld;
        var newest = RefusedAsTooNew().Matches(body).Min(match => Nanoseconds(match.Groups["time"].Value));
        var longest = EntrySizeMax().Match(body) is { Success: true } size
            && int.TryParse(size.Groups["bytes"].ValueSpan, CultureInfo.InvariantCulture, out var bytes)
                ? bytes : int.MaxValue;
        return entry =>
        {
            if (entry.Line.Length > longest) return LokiAnswer.LineTooLong;
            if (entry.Nanoseconds < oldest) return late;
            return entry.Nanoseconds >= newest ? LokiAnswer.TooNew : null;
        };
    }

    /// <summary>The end of the UTC day that has no schema; null: none is named.</summary>
    public static long? EndOfDayWithoutSchema(string body)
    {
        if (TimeWithoutSchema().Match(body) is not { Success: true } found
            || !decimal.TryParse(found.Groups["seconds"].ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture,
                out var seconds)) return null;
        const long day = 86_400;
        const long nanoseconds = 1_000_000_000;
        var end = (Math.Floor(seconds / day) + 1) * day * nanoseconds;
        return end is > long.MinValue and < long.MaxValue ? (long)end : null;
    }

    static long? Nanoseconds(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        && time.Year is >= 1678 and < 2262 ? LokiEntry.NanosecondsOf(time) : null;

    [GeneratedRegex(@"oldest acceptable timestamp is: (?<time>\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d))",
        RegexOptions.None, MatchMilliseconds)]
    private static partial Regex OldestTaken();

    [GeneratedRegex(@"timestamp too new: (?<time>\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d))",
        RegexOptions.None, MatchMilliseconds)]
    private static partial Regex RefusedAsTooNew();

    [GeneratedRegex(@"max entry size '(?<bytes>\d{1,9})' bytes exceeded", RegexOptions.IgnoreCase, MatchMilliseconds)]
    private static partial Regex EntrySizeMax();

    [GeneratedRegex(@"no schema config found for time (?<seconds>-?\d{1,12}(?:\.\d{1,9})?)",
        RegexOptions.None, MatchMilliseconds)]
    private static partial Regex TimeWithoutSchema();
}
