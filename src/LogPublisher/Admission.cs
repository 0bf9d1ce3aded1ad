using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Filtering;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher;

/// <summary>
/// Decides on the thread that logs, before anything is rendered for good, whether an event is taken: sampling first, as
/// it is cheapest and the same under any load; then shedding, while room runs out; then repetitions. What is not taken
/// is in the books when this returns. Call it within the capture guard, as comparing events runs the application's
/// code.
/// </summary>
sealed class Admission : IDisposable
{
    readonly Sampler _sampler;
    readonly ShedPolicy _shed;
    readonly Intake _queue;
    readonly RepeatFilter? _repeats;
    readonly Books _books;
    readonly NoticeWriter _notices;
    readonly Reporter _reporter;
    readonly ITimer? _timer;

    public Admission(TemporalSinkOptions options, Intake queue, Books books, NoticeWriter notices,
        Reporter reporter, TimeProvider time)
    {
        _sampler = new Sampler(options.Sampling.Verbose, options.Sampling.Debug, options.Sampling.Information);
        _shed = new ShedPolicy(options);
        _queue = queue;
        _books = books;
        _notices = notices;
        _reporter = reporter;
        var repeatWindow = options.Sampling.RepeatWindow;
        if (repeatWindow == TimeSpan.Zero) return;
        _repeats = new RepeatFilter(repeatWindow, time, MessageText.Render);
        // Without it the last summary of a program that falls silent would wait for its end.
        _timer = time.CreateTimer(_ => EndRepeats(all: false), null, repeatWindow, repeatWindow);
    }

    public bool Admits(LogEvent logEvent)
    {
        if (!_sampler.Admits(logEvent))
        {
            _books.EmittedAndFiltered(FilterReason.Sampled);
            return false;
        }
        if (!_shed.Admits(logEvent.Level, _queue.Pressure))
        {
            _books.EmittedAndDropped(DropReason.Shed);
            _reporter.OnDropped(DropReason.Shed, logEvent);
            _notices.OnShed();
            return false;
        }
        if (_repeats is null) return true;
        EndRepeats(all: false);
        if (!_repeats.TrySuppress(logEvent)) return true;
        _books.EmittedAndFiltered(FilterReason.Repeated);
        return false;
    }

    /// <summary>Writes the last notices of repeated and shed events, while there is still a queue for them.</summary>
    public void Dispose()
    {
        _timer?.Dispose();
        EndRepeats(all: true);
        _notices.WriteShed();
    }

    void EndRepeats(bool all)
    {
        if (_repeats is null) return;
        foreach (var repeats in _repeats.End(all)) _notices.WriteRepeated(repeats);
    }
}
