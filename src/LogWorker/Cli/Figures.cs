namespace LogPipeline.Worker.Cli;

/// <summary>Figures for people.</summary>
static class Figures
{
    static readonly string[] Sizes = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>The count with what is counted.</summary>
    public static string Count(long count, string one, string several) => $"{Count(count)} {(count == 1 ? one : several)}";

    public static string Rate(double perSecond) => perSecond.ToString("N1", CultureInfo.InvariantCulture);

    public static string Seconds(double seconds) => seconds < 1
        ? $"{(seconds * 1000).ToString("N0", CultureInfo.InvariantCulture)} ms"
        : $"{seconds.ToString("N1", CultureInfo.InvariantCulture)} s";

    public static string Bytes(long bytes)
    {
        var (size, unit) = ((double)bytes, 0);
        for (; size >= 1024 && unit < Sizes.Length - 1; unit++) size /= 1024;
        return $"{size.ToString(unit == 0 ? "N0" : "N1", CultureInfo.InvariantCulture)} {Sizes[unit]}";
    }

    /// <summary>Its two largest units.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalDays: >= 1 } => $"{age.Days} d {age.Hours} h",
        { TotalHours: >= 1 } => $"{age.Hours} h {age.Minutes} min",
        { TotalMinutes: >= 1 } => $"{age.Minutes} min {age.Seconds} s",
        _ => $"{Math.Max(0, age.Seconds)} s",
    };
}
