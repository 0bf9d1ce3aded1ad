namespace Temporalio.Worker.Replay;

/// <summary>When a job is applied, within one activation. The order is the other SDKs', so that histories mean the same to all.</summary>
enum JobOrder
{
    /// <summary>A new seed for random numbers, which all that follows uses.</summary>
    Seed,

    /// <summary>Signals and updates, in the order they came.</summary>
    Signal,
    Other,
}

/// <summary>What history tells the workflow in one activation, collected event by event and applied in <see cref="JobOrder"/>.</summary>
sealed class ActivationJobs
{
    readonly List<(JobOrder Order, Action Apply)> _jobs = [];

    public bool Any => _jobs.Count > 0;

    public void Add(JobOrder order, Action apply) => _jobs.Add((order, apply));

    public IReadOnlyList<Action> Take()
    {
        Action[] ordered = [.. _jobs.OrderBy(j => j.Order).Select(j => j.Apply)];
        _jobs.Clear();
        return ordered;
    }
}
