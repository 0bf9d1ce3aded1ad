using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Files;

/// <summary>
/// What happens to closed files, once a minute: those that <see cref="RetentionPolicy"/> chooses are removed, and what
/// stays is compressed. Compressing runs beside the
/// writer's loop; a file's original goes in the loop, between groups. All else here is for the loop alone.
/// </summary>
sealed class Upkeep(StoreDirectory root, LogWriterOptions options, TimeProvider time, SteadyClock clock,
    IWriterObserver? observer)
    : IAsyncDisposable
{
    static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    readonly FileCompressor _compressor = new(root, options.FreeBytesMin);
    readonly CancellationTokenSource _stop = new();
    Task<(IReadOnlyList<CompressedFile> Files, Exception? Error)>? _compressing;
    long? _last;
    bool _isStopped;

    /// <summary>Until the next time; <see cref="Timeout.InfiniteTimeSpan"/>: there is none.</summary>
    public TimeSpan DueIn
    {
        get
        {
            if (!IsRetentionOn && options.CompressAfter is null) return Timeout.InfiniteTimeSpan;
            if (_last is not { } last) return TimeSpan.Zero;
            var left = Interval - time.GetElapsedTime(last);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    bool IsRetentionOn => options.Retention.IsOn || options.Channels.HaveRetention;

    /// <param name="close">Called for each file before it is removed.</param>
    public void Run(Action<LogFileName> close)
    {
        _last = time.GetTimestamp();
        try
        {
            if (_compressing is { IsCompleted: true }) FinishCompressing(close);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            observer?.OnCompressionFailed(e);
        }
        try
        {
            if (IsRetentionOn && RemoveExpired(close) is { Count: > 0 } files) observer?.OnRetired(files);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            observer?.OnRetentionFailed(e);
        }
        if (options.CompressAfter is { } age && _compressing is null)
        {
            var now = clock.GetNow();
            _compressing = Task.Run(() => _compressor.Run(age, now, _stop.Token));
        }
    }

    public async ValueTask DisposeAsync()
    {
        // Comes a second time when the writer is disposed twice.
        if (_isStopped) return;
        _isStopped = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_compressing is not null) await _compressing.ConfigureAwait(false);
        _stop.Dispose();
    }

    IReadOnlyList<(LogFileStat File, RetentionReason Reason)> RemoveExpired(Action<LogFileName> close)
    {
        var chosen = RetentionPolicy.Choose([.. StoredLogFile.StatsOf(root)], options.Retention, clock.GetNow(), options.Channels);
        foreach (var (file, _) in chosen)
        {
            close(file.Name);
            var directory = root.Directory(file.Name.Channel.ToString());
            directory.Delete(file.Name.FileName);
            directory.Delete(file.Name.CompressedName);
        }
        return chosen;
    }

    void FinishCompressing(Action<LogFileName> close)
    {
        var (files, error) = _compressing!.Result;
        _compressing = null;
        if (error is not null) observer?.OnCompressionFailed(error);
        var done = files.Where(file => _compressor.TakeOriginal(file, close)).ToList();
        if (done.Count > 0) observer?.OnCompressed(done);
    }
}
