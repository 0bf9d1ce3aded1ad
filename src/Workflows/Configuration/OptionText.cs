namespace LogPipeline.Workflows.Configuration;

/// <summary>Durations, sizes and addresses as people write them in options.</summary>
public static class OptionText
{
    static readonly (string Unit, double Seconds)[] Times =
        [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    static readonly (string Unit, long Bytes)[] Sizes =
    [
        ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("GB", 1_000_000_000), ("MB", 1_000_000),
        ("KB", 1_000), ("B", 1),
    ];

    /// <summary>
    /// Reads <c>5</c> (seconds), <c>5s</c>, <c>500ms</c>, <c>2m</c>, <c>1h</c>, <c>7d</c>, <c>00:00:05</c>; never
    /// negative.
    /// </summary>
    public static bool TryParseDuration(string text, out TimeSpan value)
    {
        text = text.Trim();
        if (text.Contains(':')) return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value)
            && value >= TimeSpan.Zero;
        var unit = Times.FirstOrDefault(t => text.EndsWith(t.Unit, StringComparison.OrdinalIgnoreCase));
        value = default;
        var number = text.AsSpan(0, text.Length - (unit.Unit?.Length ?? 0)).TrimEnd();
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count))
            return false;
        var seconds = count * (unit.Unit is null ? 1 : unit.Seconds);
        if (!double.IsFinite(seconds) || seconds > TimeSpan.MaxValue.TotalSeconds / 2) return false;
        value = TimeSpan.FromSeconds(seconds);
        return true;
    }

    /// <summary>
    /// Reads <c>1048576</c>, <c>512KiB</c>, <c>64MiB</c>, <c>1GiB</c>; KB, MB, GB count by thousands.
    /// </summary>
    public static bool TryParseBytes(string text, out long value)
    {
        text = text.Trim();
        var unit = Sizes.FirstOrDefault(s => text.EndsWith(s.Unit, StringComparison.OrdinalIgnoreCase));
        value = 0;
        var number = text.AsSpan(0, text.Length - (unit.Unit?.Length ?? 0)).TrimEnd();
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)) return false;
        var scale = unit.Unit is null ? 1 : unit.Bytes;
        if (count > long.MaxValue / scale) return false;
        value = count * scale;
        return true;
    }

    /// <summary>Whether a text is a host and a port, such as <c>localhost:7233</c> or <c>[::1]:7233</c>.</summary>
    public static bool IsAddress(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture,
            out var port) || port == 0) return false;
        var host = text[..colon];
        if (host.StartsWith('[')) return host.EndsWith(']') && Uri.CheckHostName(host[1..^1]) == UriHostNameType.IPv6;
        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4;
    }

    /// <summary>A size as it would be written: <c>64MiB</c>, <c>1000</c>.</summary>
    public static string Bytes(long value)
    {
        foreach (var (unit, bytes) in Sizes)
            if (unit.EndsWith("iB", StringComparison.Ordinal) && value >= bytes && value % bytes == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{value / bytes}{unit}");
        return value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A time as it would be written: <c>500ms</c>, <c>5s</c>, <c>7d</c>.</summary>
    public static string Duration(TimeSpan value)
    {
        if (value == TimeSpan.Zero) return "0s";
        for (var i = Times.Length - 1; i > 0; i--)
        {
            var count = value.TotalSeconds / Times[i].Seconds;
            if (count >= 1 && count == Math.Floor(count))
                return string.Create(CultureInfo.InvariantCulture, $"{count}{Times[i].Unit}");
        }
        return string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds}ms");
    }
}
