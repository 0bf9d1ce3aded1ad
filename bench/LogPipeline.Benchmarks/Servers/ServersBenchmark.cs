using System.Diagnostics;
using LogPipeline.TestSupport;
using Temporalio.Client;
using Temporalio.Worker;

namespace LogPipeline.Benchmarks.Servers;

/// <summary>
/// The embedded server beside the real development server and, if asked, an earlier version of it, all with their state on disk: the same
/// workflows with the same client and worker, in turns, so that what else the machine does meets both. Medians over the rounds.
/// </summary>
static class ServersBenchmark
{
    const int InFlight = 8;
    const int StartsMeasured = 5;
    const string Queue = "batches";

    static readonly Setting[] Settings = [new("2 KB", 2_000, 400), new("100 KB", 100_000, 200), new("1 MB", 1_000_000, 60)];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var rounds = ValueOf("--rounds", arguments) is { } text
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 5;
        if (RealServers.MissingBecause is { } reason)
        {
            Console.Error.WriteLine(reason);
            return 1;
        }
        var machine = Machine.Describe();
        using var directory = new TempDirectory();
        var kinds = Kinds(ValueOf("--before", arguments), directory);
        var starts = new List<(string Name, TimeSpan Start, long Bytes)>();
        for (var i = 0; i < StartsMeasured; i++)
            foreach (var startAsync in kinds)
                await using (var server = await startAsync($"start-{i}")) starts.Add(await IdleAsync(server));

        var measured = new List<Measurement>();
        var contenders = new List<Contender>();
        try
        {
            foreach (var startAsync in kinds) contenders.Add(await Contender.NewAsync(await startAsync("load")));
            foreach (var setting in Settings)
                foreach (var contender in contenders) await MeasureAsync(contender, setting);
            for (var round = 0; round < rounds; round++)
                foreach (var setting in Settings)
                    foreach (var contender in round % 2 == 0 ? contenders : contenders.AsEnumerable().Reverse())
                        measured.Add(await MeasureAsync(contender, setting));
            var report = Report(machine, rounds, starts, measured, [.. contenders.Select(contender => contender.Server)]);
            Console.Write(report);
            if (arguments.Contains("--keep")) await Results.KeepAsync("servers.md", report);
            return 0;
        }
        finally
        {
            foreach (var contender in contenders) await contender.DisposeAsync();
        }
    }

    /// <summary>How each server that is compared is started; the first is the one that the others are set against.</summary>
    static List<Func<string, Task<ServerProgram>>> Kinds(string? before, TempDirectory directory)
    {
        List<Func<string, Task<ServerProgram>>> kinds =
        [
            name => ServerProgram.StartEmbeddedAsync("embedded", AppContext.BaseDirectory, directory.File($"embedded-{name}")),
            name => ServerProgram.StartRealAsync(directory.File($"real-{name}.db")),
        ];
        if (before is not null)
            kinds.Add(name => ServerProgram.StartEmbeddedAsync("embedded, before", before, directory.File($"before-{name}")));
        return kinds;
    }

    static string? ValueOf(string option, IReadOnlyList<string> arguments) =>
        arguments.SkipWhile(argument => argument != option).Skip(1).FirstOrDefault();

    // Memory is looked at when what a start leaves behind has settled.
    static async Task<(string Name, TimeSpan Start, long Bytes)> IdleAsync(ServerProgram server)
    {
        await Task.Delay(TimeSpan.FromSeconds(1));
        return (server.Name, server.Start, server.ResidentBytes);
    }

    static async Task<Measurement> MeasureAsync(Contender contender, Setting setting)
    {
        var text = new string('x', setting.Bytes);
        var processor = contender.Server.ProcessorTime;
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, setting.Workflows, new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (_, _) =>
        {
            var length =
                await contender.Client.ExecuteWorkflowAsync((BatchWorkflow w) => w.RunAsync(text), new($"batch-{Guid.NewGuid():N}", Queue));
            if (length != text.Length)
                throw new InvalidOperationException($"{contender.Server.Name} gave back {length}, not {text.Length}.");
        });
        var elapsed = Stopwatch.GetElapsedTime(start);
        return new Measurement(contender.Server.Name, setting, setting.Workflows / elapsed.TotalSeconds,
            (contender.Server.ProcessorTime - processor).TotalMilliseconds / setting.Workflows);
    }

    static string Report(string machine, int rounds, List<(string Name, TimeSpan Start, long Bytes)> starts, List<Measurement> measured,
        ServerProgram[] servers)
    {
        var text = new StringBuilder();
        text.Append($"# The embedded server beside the real development server\n\n{machine}\n\n");
        text.Append($"`dotnet run -c Release --project bench/LogPipeline.Benchmarks -- servers --keep`: workflows with one local "
            + $"activity, {InFlight} in flight, state on disk in all; medians of {rounds} rounds in turns.\n");
        text.Append("Client, worker and server share the machine.\n\n");
        text.Append("| input | server | batches/s | embedded / this one | from | to | MB/s | CPU ms a batch |\n");
        text.Append("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (var setting in Settings)
            foreach (var server in servers)
            {
                var (ours, theirs) = (Of("embedded"), Of(server.Name));
                double[] ratios = [.. ours.Zip(theirs, (a, b) => a.PerSecond / b.PerSecond)];
                var rate = Median(theirs.Select(m => m.PerSecond));
                text.Append($"| {setting.Name} | {server.Name} | {rate:f1} | {Median(ratios):f2} | {ratios.Min():f2} | {ratios.Max():f2} ");
                text.Append($"| {rate * setting.Bytes / 1e6:f1} | {Median(theirs.Select(m => m.ProcessorMilliseconds)):f2} |\n");

                Measurement[] Of(string name) => [.. measured.Where(m => m.Server == name && m.Setting == setting)];
            }
        text.Append("\n| | start, ms | idle, MB | after the load, MB |\n| --- | ---: | ---: | ---: |\n");
        foreach (var server in servers)
        {
            var of = starts.Where(s => s.Name == server.Name).ToArray();
            text.Append($"| {server.Name} | {Median(of.Select(s => s.Start.TotalMilliseconds)):f0} | "
                + $"{Median(of.Select(s => s.Bytes / 1e6)):f0} | {server.ResidentBytes / 1e6:f0} |\n");
        }
        return text.ToString();
    }

    /// <summary>A server with a client and a worker in this process.</summary>
    sealed class Contender(ServerProgram server, TemporalClient client, TemporalWorker worker) : IAsyncDisposable
    {
        readonly CancellationTokenSource _stop = new();
        Task _running = Task.CompletedTask;

        public ServerProgram Server => server;
        public TemporalClient Client => client;

        public static async Task<Contender> NewAsync(ServerProgram server)
        {
            // An input of 1 MB is meant; the client warns of each otherwise.
            var client = await TemporalClient.ConnectAsync(
                new(server.Address) { PayloadLimits = new PayloadLimitsOptions { PayloadsWarnSize = 2_000_000 } });
            var options = new TemporalWorkerOptions(Queue) { MaxConcurrentWorkflowTaskPolls = 10, NonStickyToStickyPollRatio = 0.8F };
            var contender = new Contender(server, client,
                new TemporalWorker(client, options.AddWorkflow<BatchWorkflow>().AddAllActivities(new BatchActivities())));
            contender._running = contender.RunAsync();
            return contender;
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running;
            worker.Dispose();
            _stop.Dispose();
            await server.DisposeAsync();
        }

        async Task RunAsync()
        {
            try
            {
                await worker.ExecuteAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
            }
        }
    }

    sealed record Setting(string Name, int Bytes, int Workflows);

    sealed record Measurement(string Server, Setting Setting, double PerSecond, double ProcessorMilliseconds);
}
