using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>Whoever may start workflows: starts some at a pace, and asks Temporal what became of each.</summary>
sealed class Starter(ITemporalClient client)
{
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    readonly Dictionary<string, HostileStart> _started = [];
    readonly List<HostileStart> _refused = [];
    int _count;

    public IReadOnlyDictionary<string, HostileStart> Started => _started;

    /// <summary>Those that Temporal did not take.</summary>
    public IReadOnlyList<HostileStart> Refused => _refused;

    public static async Task<Starter> ConnectAsync(string address) =>
        new(await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(address)));

    /// <summary>Starts these, of each list as many at a time, ten times a second.</summary>
    public async Task StartAsync(int atATime, params IReadOnlyList<HostileStart>[] lists)
    {
        using var pace = new PeriodicTimer(Tick);
        for (var at = 0; at < lists.Max(list => list.Count); at += atATime)
        {
            // The good ones of a tick are started in the order of their rows.
            await Task.WhenAll(lists.SelectMany(list => list.Skip(at).Take(atATime)).Select(StartAsync));
            await pace.WaitForNextTickAsync();
        }
    }

    async Task StartAsync(HostileStart start)
    {
        try
        {
            await client.Connection.WorkflowService.StartWorkflowExecutionAsync(
                start.ToRequest($"{Guid.NewGuid()}"),
                new RpcOptions { Retry = true, Timeout = TimeSpan.FromSeconds(30) });
            lock (_started) _started[start.WorkflowId] = start;
            Interlocked.Increment(ref _count);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.InvalidArgument)
        {
            lock (_started) _refused.Add(start);
        }
    }

    /// <summary>Completes when so many were started.</summary>
    public Task ReachesAsync(int count) =>
        Eventually.TrueAsync(() => Task.FromResult(_count >= count), TimeSpan.FromMinutes(10));

    /// <summary>What became of all that were started.</summary>
    public async Task<IReadOnlyList<Ending>> EndingsAsync()
    {
        var endings = new List<Ending>();
        await foreach (var one in client.ListWorkflowsAsync("StartTime > '2000-01-01T00:00:00Z'"))
            if (_started.TryGetValue(one.Id, out var start))
                endings.Add(new Ending(start, one.Status, one.CloseTime - one.StartTime));
        return endings;
    }
}

/// <param name="Time">From its start to its end; null: it runs.</param>
sealed record Ending(HostileStart Start, WorkflowExecutionStatus Status, TimeSpan? Time);
