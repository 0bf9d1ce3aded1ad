namespace LogPipeline.Worker.Cli.Doctor;

enum CheckState
{
    Ok,

    /// <summary>It works, and somebody should look at it.</summary>
    Warning,

    /// <summary>It does not work.</summary>
    Failed,

    /// <summary>There was nothing to check, or no way to.</summary>
    Skipped,
}

/// <summary>The result of one check.</summary>
/// <param name="Name">The check.</param>
/// <param name="State">How it ended.</param>
/// <param name="Found">What is there, or what is wrong.</param>
/// <param name="NextStep">The one thing to do next; null: nothing is wrong.</param>
sealed record CheckResult(string Name, CheckState State, string Found, string? NextStep = null)
{
    /// <summary>It was not run, as one before it failed.</summary>
    public bool IsBehindFailed { get; init; }

    public bool HasFailed => State == CheckState.Failed;

    public static CheckResult Ok(string name, string found) => new(name, CheckState.Ok, found);

    public static CheckResult Skipped(string name, string found) => new(name, CheckState.Skipped, found);

    public static CheckResult Warning(string name, string found, string nextStep) =>
        new(name, CheckState.Warning, found, nextStep);

    public static CheckResult Failed(string name, string found, string nextStep) =>
        new(name, CheckState.Failed, found, nextStep);
}
