using LogPipeline.Publisher.Capture;

namespace LogPipeline.Publisher.Publishing;

/// <summary>Looks from time to time whether a report without a batch is due, and sends it while Temporal is reached.</summary>
sealed class ReportLoop(PublisherReports reports, IReportStarter starter, Func<bool> isReachable, TimeSpan answerMax,
    TimeProvider time)
{
    /// <summary>Longest wait for the report with which a sink ends.</summary>
    static readonly TimeSpan LastMax = TimeSpan.FromSeconds(1);

    readonly CancellationTokenSource _stop = new();
    Task _run = Task.CompletedTask;

    public void Start()
    {
        if (!reports.AreOn) return;
        // As the publish loop: the application's ambient state stays outside.
        using (ExecutionContext.SuppressFlow()) _run = Task.Run(RunAsync);
    }

    /// <summary>Nothing is sent from here on but the last one.</summary>
    public async Task StopAsync()
    {
        reports.IsClosing = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
    }

    /// <summary>Sends what changed since the last report, when all is sent that will be.</summary>
    public Task SendLastAsync() => isReachable() && reports.Last() is { } report
        ? Task.Run(() => SendAsync(report, answerMax < LastMax ? answerMax : LastMax, default)) : Task.CompletedTask;

    async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(PublisherReports.Quiet, time, _stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_stop.IsCancellationRequested && isReachable() && reports.Own() is { } report)
                await SendAsync(report, answerMax, _stop.Token).ConfigureAwait(false);
        }
    }

    async Task SendAsync(PublisherReport report, TimeSpan waitMax, CancellationToken cancellationToken)
    {
        Reentrancy.EnterPublisher();
        using var deadline = new CancellationTokenSource(waitMax, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await starter.SendAsync(report, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        // The edge of the loop: a client may throw anything. Batches find out what is wrong with Temporal, and the
        // breaker counts theirs alone.
        catch (Exception)
        {
        }
    }
}
