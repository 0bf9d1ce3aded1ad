namespace LogPipeline.Publisher.Filtering;

/// <summary>An event of which later copies were held back.</summary>
/// <param name="First">The event that went through.</param>
/// <param name="Count">How many were held back.</param>
/// <param name="Over">The time they came in.</param>
readonly record struct Repeats(LogEvent First, long Count, TimeSpan Over);

/// <summary>
/// Holds back events that say what one has said within the last window: the same template, level, rendered message,
/// exception and channel. The first goes; what came after it is told once, when its window has passed.
/// Windows are all of one length, so those that end first began first.
/// </summary>
/// <param name="messageOf">An event's rendered message; null: it is longer than the bound.</param>
sealed class RepeatFilter(TimeSpan window, TimeProvider time, Func<LogEvent, int, string?> messageOf)
{
    /// <summary>Different events watched at a time; further ones go through.</summary>
    const int EventsMax = 1_000;

    /// <summary>A longer message is not compared and goes through.</summary>
    const int MessageLengthMax = 2_048;

    readonly Lock _gate = new();
    // Under the gate.
    readonly Dictionary<Key, Watched> _watched = [];
    readonly Queue<Key> _byAge = new();

    /// <summary>Whether the event repeats one that went through; then it is counted here and must go no further.</summary>
    public bool Holds(LogEvent logEvent)
    {
        if (KeyOf(logEvent) is not { } key) return false;
        lock (_gate)
        {
            if (_watched.TryGetValue(key, out var watched))
            {
                watched.Count++;
                return true;
            }
            if (_watched.Count >= EventsMax) return false;
            _watched[key] = new Watched(logEvent, time.GetTimestamp());
            _byAge.Enqueue(key);
            return false;
        }
    }

    /// <summary>Ends windows that have passed, and with <paramref name="all"/> the others too; yields what was held back in them.</summary>
    public IReadOnlyList<Repeats> End(bool all = false)
    {
        List<Repeats>? ended = null;
        lock (_gate)
        {
            while (_byAge.TryPeek(out var key))
            {
                var watched = _watched[key];
                var age = time.GetElapsedTime(watched.At);
                if (age < window && !all) break;
                _byAge.Dequeue();
                _watched.Remove(key);
                if (watched.Count > 0) (ended ??= []).Add(new Repeats(watched.First, watched.Count, age));
            }
        }
        return ended ?? (IReadOnlyList<Repeats>)[];
    }

    /// <summary>Null: not to be compared.</summary>
    Key? KeyOf(LogEvent logEvent)
    {
        try
        {
            if (messageOf(logEvent, MessageLengthMax) is not { } message) return null;
            var exception = logEvent.Exception is { } e ? $"{e.GetType().FullName}: {e.Message}" : null;
            return new Key(logEvent.MessageTemplate.Text, logEvent.Level, message, exception, ChannelOf(logEvent));
        }
        // Properties and exceptions are the application's objects and may throw anything; such an event is no repetition of another.
        catch (Exception)
        {
            return null;
        }
    }

    static string? ChannelOf(LogEvent logEvent) =>
        logEvent.Properties.GetValueOrDefault(RecordFields.Channel) is ScalarValue { Value: string lower } ? lower
        : logEvent.Properties.GetValueOrDefault("Channel") is ScalarValue { Value: string upper } ? upper
        : null;

    readonly record struct Key(string Template, LogEventLevel Level, string Message, string? Exception, string? Channel);

    sealed class Watched(LogEvent first, long at)
    {
        public LogEvent First { get; } = first;
        public long At { get; } = at;
        public long Count { get; set; }
    }
}
