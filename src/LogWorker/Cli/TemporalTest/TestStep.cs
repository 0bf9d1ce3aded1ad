namespace LogPipeline.Worker.Cli.TemporalTest;

/// <summary>The result of one step.</summary>
/// <param name="Name">The step.</param>
/// <param name="Found">What is there, or what is wrong.</param>
/// <param name="NextStep">The one thing to do next; null: nothing is wrong.</param>
/// <param name="IsUsed">False: there was nothing to test, as the connection does not use it.</param>
sealed record TestStep(string Name, string Found, string? NextStep = null, bool IsUsed = true)
{
    public bool HasFailed => NextStep is not null;
}
