namespace LogPipeline.TestSupport;

/// <summary>
/// A secret that every program of the tests is given (<see cref="ChildProcess"/>) and that tests put where secrets are:
/// no program may print it, and no output of the suite may hold it. <c>.ci/secrets</c> searches that for it.
/// </summary>
public static class PlantedSecret
{
    public const string Value = "planted-9qZt4LmW7xKc2vRb";

    /// <summary>Read by the worker, and of no use without LOG_LOKI_URL.</summary>
    public const string Variable = "LOG_LOKI_TOKEN";
}
