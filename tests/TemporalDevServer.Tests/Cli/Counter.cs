using Temporalio.Workflows;

namespace TemporalDevServer.Tests.Cli;

/// <summary>Adds up what it is told, until it has enough.</summary>
[Workflow]
public sealed class Counter
{
    int _total;

    [WorkflowRun]
    public async Task<string> RunAsync(int until)
    {
        await Workflow.WaitConditionAsync(() => _total >= until);
        return $"counted {_total}";
    }

    [WorkflowSignal("add")]
    public Task AddAsync(int number)
    {
        _total += number;
        return Task.CompletedTask;
    }

    [WorkflowQuery("total")]
    public int Total() => _total;

    [WorkflowUpdate("change")]
    public Task<int> ChangeAsync(int total)
    {
        var old = _total;
        _total = total;
        return Task.FromResult(old);
    }
}
