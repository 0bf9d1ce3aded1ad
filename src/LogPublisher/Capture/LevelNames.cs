namespace LogPipeline.Publisher.Capture;

/// <summary>Serilog's levels in Loki's vocabulary.</summary>
static class LevelNames
{
    public static string Of(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        LogEventLevel.Fatal => "fatal",
        // A number cast to a level: below all of them or above.
        _ => level < LogEventLevel.Verbose ? "trace" : "fatal",
    };
}
