namespace LogPipeline.Worker.Cli.TemporalTest;

/// <summary>What one step of the walk found.</summary>
/// <param name="Name">The step.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Found">What is there, or what is wrong.</param>
/// <param name="NextStep">The one thing to do next; empty when nothing is wrong.</param>
sealed record TestStep(string Name, StepResult Result, string Found, string NextStep = "");

enum StepResult
{
    Passed,
    Failed,

    /// <summary>Nothing to test, as the connection does not use it.</summary>
    NotUsed,
}
