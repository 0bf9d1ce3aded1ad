using EventKey =
    (string Template, Serilog.Events.LogEventLevel Level, string Message, string? Exception, string? Channel);

namespace LogPipeline.Publisher.Filtering;

/// <summary>
/// Suppresses events that repeat one of the last window: the same template, level, rendered message, exception and
/// channel. The first passes; one summary of its repetitions follows when its window has ended. All windows have the
/// same length, so those that end first began first.
/// </summary>
/// <param name="messageOf">An event's rendered message; null: it is longer than the bound.</param>
sealed class RepeatFilter(TimeSpan window, TimeProvider time, Func<LogEvent, int, string?> messageOf)
{
    /// <summary>Most open windows; further events pass.</summary>
    const int EventsMax = 1_000;

    /// <summary>An event with a longer message passes without being compared.</summary>
    const int MessageLengthMax = 2_048;

    readonly Lock _gate = new();
    // Under the gate.
    readonly Dictionary<EventKey, Repeats> _windows = [];
    readonly Queue<EventKey> _byAge = new();

    /// <summary>True: the event repeats one that passed. It is counted here and must go no further.</summary>
    public bool TrySuppress(LogEvent logEvent)
    {
        if (KeyOf(logEvent) is not { } key) return false;
        lock (_gate)
        {
            if (_windows.TryGetValue(key, out var repeats))
            {
                repeats.Count++;
                return true;
            }
            if (_windows.Count >= EventsMax) return false;
            _windows[key] = new Repeats(logEvent, time.GetTimestamp());
            _byAge.Enqueue(key);
            return false;
        }
    }

    /// <summary>
    /// Ends the windows whose time is over, or with <paramref name="all"/> every one, and returns those with
    /// repetitions.
    /// </summary>
    public IReadOnlyList<Repeats> End(bool all = false)
    {
        List<Repeats>? ended = null;
        lock (_gate)
        {
            while (_byAge.TryPeek(out var key))
            {
                var repeats = _windows[key];
                repeats.Over = time.GetElapsedTime(repeats.BeganAt);
                if (repeats.Over < window && !all) break;
                _byAge.Dequeue();
                _windows.Remove(key);
                if (repeats.Count > 0) (ended ??= []).Add(repeats);
            }
        }
        return ended ?? (IReadOnlyList<Repeats>)[];
    }

    /// <summary>Null: not to be compared.</summary>
    EventKey? KeyOf(LogEvent logEvent)
    {
        try
        {
            if (messageOf(logEvent, MessageLengthMax) is not { } message) return null;
            var exception = logEvent.Exception is { } e ? $"{e.GetType().FullName}: {e.Message}" : null;
            return (logEvent.MessageTemplate.Text, logEvent.Level, message, exception, ChannelOf(logEvent));
        }
        // Properties and exceptions are the application's objects and may throw anything; such an event is no
        // repetition of another.
        catch (Exception)
        {
            return null;
        }
    }

    static string? ChannelOf(LogEvent logEvent) =>
        (logEvent.Properties.GetValueOrDefault(RecordFields.Channel) as ScalarValue)?.Value as string;
}
