using System.Diagnostics;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Verify;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Worker;

/// <summary>A writer under steady load; a batch that is not written is tried again, as Temporal would.</summary>
sealed class DiskLoad : IAsyncDisposable, IWriterObserver
{
    const int Producers = 3;
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(10);
    static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    readonly string _logs;
    readonly WriterReporter _reporter;
    readonly LogWriter _writer;
    readonly CancellationTokenSource _stop = new();
    readonly Task[] _producing;
    int _written;

    public DiskLoad(string logs, LogWriterOptions options)
    {
        _logs = logs;
        Readiness = new Readiness(logs, TimeProvider.System);
        _reporter = new WriterReporter(NullLogger.Instance, TimeProvider.System, Readiness,
            new ServiceStatus(new Told(), NullLogger<ServiceStatus>.Instance),
            new WorkerBooks(TimeProvider.System));
        _writer = new LogWriter(new PhysicalDirectory(logs), options, TimeProvider.System, this);
        _writer.Start();
        _producing = [.. Enumerable.Range(0, Producers).Select(producer => Task.Run(() => ProduceAsync(producer)))];
    }

    public Readiness Readiness { get; }

    public int ChangedFiles { get; private set; }

    public int Written => Volatile.Read(ref _written);

    public VerifyReport Verify() => new Verifier(new PhysicalDirectory(_logs), new LogWriterOptions()).Run();

    public Task UntilTroubleAsync(Action? meanwhile = null) => Eventually.TrueAsync(() =>
    {
        meanwhile?.Invoke();
        return Task.FromResult(Readiness.Trouble is not null);
    }, Patience, TimeSpan.FromMilliseconds(20));

    /// <summary>Returns when batches are written again: how long that took.</summary>
    public async Task<TimeSpan> UntilWrittenAsync(int more = 10)
    {
        var watch = Stopwatch.StartNew();
        var enough = Written + more;
        await Eventually.TrueAsync(() => Task.FromResult(Written >= enough && Readiness.Trouble is null), Patience,
            TimeSpan.FromMilliseconds(5), () => Readiness.Trouble?.Sentence ?? "");
        return watch.Elapsed;
    }

    /// <summary>Ends the load when everything that was begun is written.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_producing).WaitAsync(Patience);
        await _writer.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        _stop.Dispose();
    }

    void IWriterObserver.OnOpened(int receipts, int finished, long damagedBytes) => _reporter.OnOpened(receipts, finished, damagedBytes);

    void IWriterObserver.OnWritten(IReadOnlyList<(LedgerEntry Entry, PreparedBatch Batch)> batches, TimeSpan elapsed) =>
        _reporter.OnWritten(batches, elapsed);

    void IWriterObserver.OnFailed(int batches, Exception error) => _reporter.OnFailed(batches, error);

    void IWriterObserver.OnFileChanged(LogFileName file, long length, long? found, LogFileName next) => ChangedFiles++;

    async Task ProduceAsync(int producer)
    {
        for (var number = 1L; !_stop.IsCancellationRequested; number++)
        {
            var batch = Batch(producer, number);
            for (var giveUp = Stopwatch.StartNew(); ;)
            {
                try
                {
                    await _writer.WriteAsync(batch);
                    break;
                }
                catch (BatchNotWrittenException) when (giveUp.Elapsed < Patience)
                {
                    await Task.Delay(RetryDelay);
                }
            }
            Interlocked.Increment(ref _written);
            await Task.Delay(Pace);
        }
    }

    // An instance and a channel of its own for each producer, so that numbers are consecutive and in order.
    static PreparedBatch Batch(int producer, long number)
    {
        var (header, array) = SomeBatch.Of(number, $"c{producer}");
        var records = Encoding.UTF8.GetString(array).Replace("\"i1\"", $"\"p{producer}\"", StringComparison.Ordinal);
        return BatchPreparer.Prepare(header with { Instance = $"p{producer}" }, Encoding.UTF8.GetBytes(records));
    }
}
