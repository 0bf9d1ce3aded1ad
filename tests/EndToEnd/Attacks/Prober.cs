using System.Diagnostics;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>
/// A well-behaved client: starts workflows in a namespace of its own, and remembers those that were accepted.
/// </summary>
sealed class Prober
{
    public const string Namespace = "probe";
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);

    readonly List<string> _accepted = [];
    readonly List<TimeSpan> _times = [];
    int _next;

    public IReadOnlyList<string> Accepted => _accepted;

    public IReadOnlyList<TimeSpan> Times => _times;

    public static Task<TemporalClient> ConnectAsync(string address) =>
        TemporalClient.ConnectAsync(new TemporalClientConnectOptions(address) { Namespace = Namespace });

    /// <summary>Starts one after the other until the server is ended, which says <paramref name="end"/>.</summary>
    public async Task RunAsync(TemporalClient client, CancellationToken end)
    {
        using var pace = new PeriodicTimer(Pace);
        try
        {
            while (await pace.WaitForNextTickAsync(end))
            {
                // One that a killed server may have has its name for good.
                var id = $"probe-{_next++}";
                var watch = Stopwatch.StartNew();
                await client.StartWorkflowAsync("Probe", [id], new WorkflowOptions(id, "probes")
                {
                    Rpc = new RpcOptions { CancellationToken = end },
                });
                _accepted.Add(id);
                _times.Add(watch.Elapsed);
                watch.Restart();
                await client.GetWorkflowHandle(_accepted[_accepted.Count / 2]).DescribeAsync(
                    new WorkflowDescribeOptions { Rpc = new RpcOptions { CancellationToken = end } });
                _times.Add(watch.Elapsed);
            }
        }
        catch (Exception e) when (end.IsCancellationRequested
            && e is OperationCanceledException or RpcException or RpcTimeoutOrCanceledException)
        {
            // The server was killed meanwhile.
        }
    }

    /// <summary>Those of the accepted that the server has not.</summary>
    public async Task<IReadOnlyList<string>> MissingAsync(TemporalClient client)
    {
        var found = new HashSet<string>();
        await foreach (var one in client.ListWorkflowsAsync("ExecutionStatus = 'Running'")) found.Add(one.Id);
        return [.. _accepted.Where(id => !found.Contains(id))];
    }
}
