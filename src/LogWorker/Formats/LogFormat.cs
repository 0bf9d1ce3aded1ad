namespace LogPipeline.Worker.Formats;

/// <summary>The format of a log file. The file's name shows it.</summary>
enum LogFormat
{
    /// <summary>The record as it was received, byte for byte.</summary>
    Clef,

    /// <summary>A flat JSON object a line.</summary>
    Json,

    /// <summary>Text by a template.</summary>
    Text,
}

static class LogFormatNames
{
    public static string Extension(this LogFormat format) => format switch
    {
        LogFormat.Clef => ".clef",
        LogFormat.Json => ".json",
        _ => ".log",
    };

    /// <summary>
    /// Whether each line is a JSON object with the record's source and number, so that lines can be told apart.
    /// </summary>
    public static bool HasRecords(this LogFormat format) => format != LogFormat.Text;

    public static bool TryParse(string fileName, out LogFormat format)
    {
        foreach (var one in (ReadOnlySpan<LogFormat>)[LogFormat.Clef, LogFormat.Json, LogFormat.Text])
        {
            format = one;
            if (fileName.EndsWith(one.Extension(), StringComparison.Ordinal)) return true;
        }
        format = default;
        return false;
    }
}
