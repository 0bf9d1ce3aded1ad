using System.CommandLine;
using System.Security.Cryptography;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.Worker.Cli.Bench;
using LogPipeline.Worker.Cli.Doctor;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using Spectre.Console;
using Temporalio.Client;

namespace LogPipeline.Worker.Cli;

/// <summary>Measures this machine's set-up: its Temporal, its worker, its disk, in a channel of its own.</summary>
static class BenchCommand
{
    const string Channel = "logworker-bench";
    const int RecordsMin = 100;
    const int RecordsMax = 1_000_000;
    const int WarmUpRecords = 500;
    const int CalmRecords = 500;
    const int CalmPerSecond = 100;

    /// <summary>What holds for an application holds for this sink too, but for what leaves events out.</summary>
    static readonly string[] OfTheSink =
    [
        "LOG_TASK_QUEUE", "LOG_BUFFER_SIZE", "LOG_FLUSH_INTERVAL", "LOG_BATCH_BYTES_MAX", "LOG_BATCH_RECORDS_MAX", "LOG_DURABILITY",
        .. CodecVariables.All,
    ];

    static readonly Option<int> Records = new("--records")
    {
        Description = $"How many are sent at full speed, {RecordsMin} to {RecordsMax}; 20000.",
        HelpName = "N",
        DefaultValueFactory = _ => 20_000,
    };

    public static Command Create()
    {
        var command = new Command("bench",
            "Sends records through Temporal and the running worker and measures records a second, the time from event to file, and the "
            + $"disk; they stay in the channel {Channel}, and it says how to remove them.")
        {
            Records, VerbSettings.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var count = parsed.GetValue(Records);
        var error = parsed.InvocationConfiguration.Error;
        if (count is < RecordsMin or > RecordsMax)
        {
            await error.WriteLineAsync($"--records was {count}; use a whole number from {RecordsMin} to {RecordsMax}.")
                .ConfigureAwait(false);
            return ExitCode.Usage;
        }
        var settings = VerbSettings.Of(parsed);
        var options = settings.Read(LogWorkerOptions.Read).Options;
        var target = TemporalTarget.Read(settings);
        if (await WhyNotAsync(target, settings, cancellationToken).ConfigureAwait(false) is { } why)
        {
            await error.WriteLineAsync(Terminal.Printable(why)).ConfigureAwait(false);
            return ExitCode.Failed;
        }
        try
        {
            var report = await MeasureAsync(target, settings, options, count, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(VerbSettings.Output) == OutputForm.Json)
                parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(report, CliJson.Default.BenchReport));
            else Show(Terminal.Output, report, options);
            return ExitCode.Done;
        }
        catch (TimeoutException e)
        {
            await error.WriteLineAsync(Terminal.Printable(e.Message)).ConfigureAwait(false);
            return ExitCode.Failed;
        }
    }

    /// <returns>Why nothing can be measured, in a sentence; null: a worker polls.</returns>
    static async Task<string?> WhyNotAsync(TemporalTarget target, WorkerSettings settings, CancellationToken cancellationToken)
    {
        var gates = TemporalChecks.Of(target, settings, TimeProvider.System).Where(check => check.IsGate);
        await foreach (var result in SetupCheck.RunAllAsync(gates, cancellationToken).ConfigureAwait(false))
            if (result.HasFailed)
            {
                var shown = CheckReport.WithoutSecrets(result, settings);
                return $"Nothing was sent. {shown.Found} {shown.NextStep}";
            }
        return null;
    }

    static async Task<BenchReport> MeasureAsync(TemporalTarget target, WorkerSettings settings, LogWorkerOptions options, int count,
        CancellationToken cancellationToken)
    {
        var time = TimeProvider.System;
        // On the disk of the applications' spool, and apart from it.
        var spool = Path.Combine(SinkOptionsReader.Settle(new TemporalSinkOptions(), settings.Get).SpoolDirectory!, "bench",
            RandomNumberGenerator.GetHexString(16, lowercase: true));
        try
        {
            var client = await TemporalClient.ConnectAsync(target.Connect).WaitAsync(SetupCheck.DefaultTimeMax, cancellationToken)
                .ConfigureAwait(false);
            var sink = new TemporalSink(new TemporalSinkOptions
            {
                Source = Channel, Channel = Channel, SpoolDirectory = spool,
                Timeouts = { BackPressure = TimeSpan.FromMinutes(1), Close = TimeSpan.FromSeconds(5), Report = TimeSpan.Zero },
            }, environment: name => IsOfTheSink(name) ? settings.Get(name) : null);
            await using var closing = sink.ConfigureAwait(false);
            var receipts = new ReceiptWatch(client, sink.Source, sink.Instance, time);
            var run = new BenchRun(sink, receipts, time);
            // Connects, and lets the runtime compile.
            await run.RunAsync(WarmUpRecords, null, cancellationToken).ConfigureAwait(false);
            var calm = await run.RunAsync(CalmRecords, CalmPerSecond, cancellationToken).ConfigureAwait(false);
            var full = await run.RunAsync(count, null, cancellationToken).ConfigureAwait(false);
            var directory = Path.GetFullPath(options.Directory);
            return new BenchReport(calm, full, Directory.Exists(directory) ? DiskBench.Run(directory, time) : null, receipts.Files);
        }
        finally
        {
            if (Directory.Exists(spool)) Directory.Delete(spool, recursive: true);
            // Another run's may be there.
            if (Path.GetDirectoryName(spool) is { } all && Directory.Exists(all) && !Directory.EnumerateFileSystemEntries(all).Any())
                Directory.Delete(all);
        }
    }

    static bool IsOfTheSink(string variable) =>
        OfTheSink.Contains(variable) || variable.StartsWith("TEMPORAL_", StringComparison.Ordinal);

    static void Show(IAnsiConsole console, BenchReport report, LogWorkerOptions options)
    {
        console.MarkupLine(Terminal.Sanitize($"Temporal at {options.Address}, task queue {options.TaskQueue}, "
            + $"{Environment.ProcessorCount} processors here"));
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns(new TableColumn(""), Figure("Records"), Figure("Records/s"), Figure("p50"), Figure("p95"), Figure("p99"));
        Add($"at {CalmPerSecond} records/s", report.Calm);
        Add("at full speed", report.Full);
        console.Write(table);
        console.MarkupLine("[grey]p50, p95, p99: from the event to the receipt of its batch, seen here; at full speed events queue[/]");
        if (report.Disk is { } disk)
            console.MarkupLine(Terminal.Sanitize(
                $"The log directory's disk takes {disk.MegabytesPerSecond.ToString("N0", CultureInfo.InvariantCulture)} MB/s in "
                + $"synced writes of 1 MiB, and {Milliseconds(disk.SyncSeconds)} for a sync of 4 KiB."));
        var written = report.Written;
        var folder = Path.Combine(Path.GetFullPath(options.Directory), Channel);
        console.MarkupLine(Terminal.Sanitize($"{Figures.Count(written.Records)} records, {Figures.Count(written.Bytes)} bytes, are in "
            + $"{string.Join(", ", written.Files)} of {written.Worker}. To remove them:"));
        console.MarkupLine($"  rm -r {Terminal.Sanitize(folder)}");

        void Add(string what, BenchFigures figures) => table.AddRow(what, Figures.Count(figures.Records),
            figures.RecordsPerSecond.ToString("N0", CultureInfo.InvariantCulture), Milliseconds(figures.Median),
            Milliseconds(figures.Percentile95), Milliseconds(figures.Percentile99));
    }

    static TableColumn Figure(string name) => new TableColumn(name).RightAligned();

    static string Milliseconds(double seconds) => $"{(seconds * 1000).ToString("N1", CultureInfo.InvariantCulture)} ms";
}
