namespace LogPipeline.Worker.Cli;

/// <summary>What the program ends with. Scripts and service managers rely on these.</summary>
static class ExitCode
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int Usage = 2;

    /// <summary>EX_CONFIG of sysexits.h: a restart would not help.</summary>
    public const int Configuration = 78;
}
