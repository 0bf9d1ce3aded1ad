using Serilog.Debugging;

namespace LogPipeline.Publisher.Diagnostics;

/// <summary>
/// Reports what goes wrong. To operators by Serilog's SelfLog: the first message of a kind at once, the same kind again
/// after a minute at the earliest, with the number of messages in between. To the failure listener that
/// <c>WriteTo.Fallible</c> or <c>WriteTo.FallbackChain</c> has set: every event that is dropped, once, and delays,
/// without their events. Reports come on the thread that found the failure, under no lock of the sink's.
/// </summary>
/// <param name="write">Gets messages for operators; null: Serilog's SelfLog.</param>
sealed class Reporter(TimeProvider time, Action<string>? write = null)
{
    /// <summary>
    /// The sink adopts what earlier processes left before the logger is configured, so damage may be found before there
    /// is a listener.
    /// </summary>
    const int EarlyMax = 16;

    readonly Action<string> _write = write ?? (message => SelfLog.WriteLine("{0}", message));
    readonly Throttle _throttle = new(time);
    readonly AsyncLocal<bool> _inListener = new();
    readonly Lock _gate = new();
    // Under the gate.
    readonly Queue<(LoggingFailureKind Kind, string Message)> _early = [];

    object _sender = typeof(Reporter);
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
        foreach (var (kind, message) in early) Inform(kind, message, null);
    }

    public void Log(string kind, string message) => Log(kind, () => message);

    /// <summary>As the other overload, for messages that are costly to make and may come in floods.</summary>
    public void Log(string kind, Func<string> message) => TryLog(kind, message);

    /// <summary>
    /// As <see cref="Log(string, string)"/>, and informs the listener: nothing is lost, and what waits is tried again.
    /// </summary>
    public void LogDelayed(string kind, string message)
    {
        if (TryLog(kind, () => message)) Inform(LoggingFailureKind.Temporary, message, null);
    }

    /// <summary>The next message of this kind is written at once.</summary>
    public void Reset(string kind) => _throttle.Reset(kind);

    /// <summary>Informs the listener that an event is lost.</summary>
    public void OnDropped(DropReason reason, LogEvent logEvent)
    {
        if (HasListener) Inform(KindOf(reason), $"An event was dropped: {reason}.", [logEvent]);
    }

    /// <summary>Informs the listener that records are lost.</summary>
    /// <param name="events">Null: they are no longer known.</param>
    /// <param name="isLast">The sink closes.</param>
    public void OnDropped(DropReason reason, long count, IReadOnlyCollection<LogEvent>? events, bool isLast = false) =>
        Inform(isLast ? LoggingFailureKind.Final : KindOf(reason), $"{count} events were dropped: {reason}.", events);

    static LoggingFailureKind KindOf(DropReason reason) =>
        reason == DropReason.Closed ? LoggingFailureKind.Final : LoggingFailureKind.Permanent;

    bool TryLog(string kind, Func<string> message)
    {
        if (!_throttle.TryPass(kind, out var suppressed)) return false;
        _write("LogPipeline: " + message() + (suppressed > 0 ? $" ({suppressed} more of this kind in between)" : ""));
        return true;
    }

    void Inform(LoggingFailureKind kind, string message, IReadOnlyCollection<LogEvent>? events)
    {
        if (_listener is null && IsEarly(kind, message)) return;
        // What the listener itself logs and the sink drops is not reported: that would have no end.
        if (_inListener.Value) return;
        _inListener.Value = true;
        try
        {
            _listener!.OnLoggingFailed(_sender, kind, message, events, null);
        }
        // The edge to the listener's code: whatever it throws, the application and the publish loop go on.
        catch (Exception e)
        {
            Log("listener", $"The failure listener failed: {e.Message}");
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
