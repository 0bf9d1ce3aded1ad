using System.Runtime.InteropServices;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Worker;

namespace LogPipeline.Benchmarks.Workers;

public sealed class EchoActivities
{
    [Activity("echo")]
    public string Echo(string text) => text;
}

/// <summary>Our worker as a program of its own, so that its processor time can be told from the rest.</summary>
static class EchoWorker
{
    public static async Task<int> RunAsync(string address, string queue)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        var client = await TemporalClient.ConnectAsync(new(address));
        // As many polls as the TypeScript worker has by default; the ratio is 0.2 in both.
        var options = new TemporalWorkerOptions(queue) { MaxConcurrentWorkflowTaskPolls = 10, MaxConcurrentActivityTaskPolls = 10 };
        using var worker = new TemporalWorker(client, options.AddWorkflow<EchoWorkflow>().AddAllActivities(new EchoActivities()));
        Console.WriteLine("ready");
        try
        {
            await worker.ExecuteAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
        }
        return 0;
    }
}
