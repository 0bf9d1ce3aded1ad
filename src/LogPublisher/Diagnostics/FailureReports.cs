namespace LogPipeline.Publisher.Diagnostics;

/// <summary>
/// Tells the failure listener that <c>WriteTo.Fallible</c> or <c>WriteTo.FallbackChain</c> has set: of every event that is
/// dropped, once, and without events of what is late. On the thread that found it, under no lock of the sink's.
/// What the listener itself logs and the sink drops is not told: it would go round for ever.
/// </summary>
/// <param name="listenerFailed">What the listener threw.</param>
sealed class FailureReports(Action<Exception> listenerFailed)
{
    /// <summary>The sink looks for what its predecessors left before the logger is configured, so damage may be found before there is a listener.</summary>
    const int EarlyMax = 16;

    readonly AsyncLocal<bool> _inListener = new();
    readonly Lock _gate = new();
    // Under the gate.
    readonly Queue<(LoggingFailureKind Kind, string Message)> _early = [];

    object _sender = typeof(FailureReports);
    volatile ILoggingFailureListener? _listener;

    /// <summary>Events are worth keeping until they are somewhere safe.</summary>
    public bool HasListener => _listener is not null;

    public void SetListener(object sender, ILoggingFailureListener listener)
    {
        (LoggingFailureKind Kind, string Message)[] early;
        lock (_gate)
        {
            _sender = sender;
            _listener = listener;
            early = [.. _early];
            _early.Clear();
        }
        foreach (var (kind, message) in early) Report(kind, message, null);
    }

    /// <summary>An event is lost.</summary>
    public void Dropped(DropReason reason, LogEvent logEvent)
    {
        if (HasListener) Report(KindOf(reason), $"An event was dropped: {reason}.", [logEvent]);
    }

    /// <summary>A batch of records is lost.</summary>
    /// <param name="events">Null: they are known no longer.</param>
    public void Dropped(DropReason reason, long count, IReadOnlyCollection<LogEvent>? events, bool isLast = false) =>
        Report(isLast ? LoggingFailureKind.Final : KindOf(reason), $"{count} events were dropped: {reason}.", events);

    /// <summary>Nothing is lost, and what waits is tried again.</summary>
    public void Delayed(string message) => Report(LoggingFailureKind.Temporary, message, null);

    static LoggingFailureKind KindOf(DropReason reason) => reason == DropReason.Closed ? LoggingFailureKind.Final : LoggingFailureKind.Permanent;

    void Report(LoggingFailureKind kind, string message, IReadOnlyCollection<LogEvent>? events)
    {
        if (_listener is null && IsEarly(kind, message)) return;
        if (_inListener.Value) return;
        _inListener.Value = true;
        try
        {
            _listener!.OnLoggingFailed(_sender, kind, message, events, null);
        }
        // The edge to the listener's code: whatever it throws, the application and the publish loop go on.
        catch (Exception e)
        {
            listenerFailed(e);
        }
        finally
        {
            _inListener.Value = false;
        }
    }

    bool IsEarly(LoggingFailureKind kind, string message)
    {
        lock (_gate)
        {
            if (_listener is not null) return false;
            if (_early.Count < EarlyMax) _early.Enqueue((kind, message));
            return true;
        }
    }
}
