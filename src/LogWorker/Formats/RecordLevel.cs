namespace LogPipeline.Worker.Formats;

/// <summary>A record's level, in their order.</summary>
enum RecordLevel
{
    Trace,
    Debug,
    Info,
    Warning,
    Error,
    Fatal,
}

/// <summary>
/// The names of levels: Loki's, which a record's field <c>level</c> has, and Serilog's, which <c>@l</c> has.
/// </summary>
static class RecordLevels
{
    static readonly string[] OfSerilog = ["Verbose", "Debug", "Information", "Warning", "Error", "Fatal"];
    static readonly string[] OfLoki = ["trace", "debug", "info", "warning", "error", "fatal"];

    /// <summary>Either name, in any case; null: neither.</summary>
    public static RecordLevel? Parse(string? text)
    {
        if (text is null) return null;
        for (var i = 0; i < OfLoki.Length; i++)
            if (text.Equals(OfLoki[i], StringComparison.OrdinalIgnoreCase)
                || text.Equals(OfSerilog[i], StringComparison.OrdinalIgnoreCase)) return (RecordLevel)i;
        return null;
    }

    public static string LokiName(this RecordLevel level) => OfLoki[(int)level];
}
