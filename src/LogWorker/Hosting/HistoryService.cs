using LogPipeline.Worker.Observability;
using Microsoft.Extensions.Hosting;

namespace LogPipeline.Worker.Hosting;

/// <summary>Adds a point to the history every ten seconds, and saves it every minute and at the end.</summary>
sealed class HistoryService : BackgroundService
{
    static readonly TimeSpan SaveInterval = TimeSpan.FromMinutes(1);

    readonly WorkerBooks _books;
    readonly TemporalLink _temporal;
    readonly HistoryFile _file;
    readonly TimeProvider _time;
    readonly ILogger<HistoryService> _logger;
    readonly Throttle _reports;
    long _savedAt;

    public HistoryService(WorkerBooks books, TemporalLink temporal, HistoryFile file, TimeProvider time,
        ILogger<HistoryService> logger)
    {
        (_books, _temporal, _file, _time, _logger) = (books, temporal, file, time, logger);
        _reports = new Throttle(time, TimeSpan.FromHours(1));
        _savedAt = time.GetTimestamp();
        History = new StatsHistory(file.Read(), books.Read(), time.GetUtcNow());
    }

    public StatsHistory History { get; }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        Save();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(StatsHistory.Step, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                var temporal = await _temporal.AskAsync(stoppingToken).ConfigureAwait(false);
                History.Add(_books.Read(), temporal.IsReached ? temporal.PendingBatches : null, _time.GetUtcNow());
                if (_time.GetElapsedTime(_savedAt) >= SaveInterval) Save();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The worker stops.
        }
    }

    void Save()
    {
        _savedAt = _time.GetTimestamp();
        try
        {
            _file.Write(History.Points);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (_reports.TryPass()) WorkerLog.HistoryNotSaved(_logger, e.Message);
        }
    }
}
