namespace LogPipeline.TestSupport;

/// <summary>Tests that can run longer than every build should wait do so with LOGPIPELINE_LONG=1.</summary>
public static class LongRuns
{
    public static bool Asked { get; } = Environment.GetEnvironmentVariable("LOGPIPELINE_LONG") == "1";

    public static T Choose<T>(T usual, T @long) => Asked ? @long : usual;
}
