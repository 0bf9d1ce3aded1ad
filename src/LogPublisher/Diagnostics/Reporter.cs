using Serilog.Debugging;

namespace LogPipeline.Publisher.Diagnostics;

/// <summary>
/// Writes to Serilog's SelfLog what an operator must know: the first message of a kind at once, the same kind again after a
/// minute at the earliest, with the number of messages in between.
/// </summary>
sealed class Reporter(TimeProvider time, Action<string>? write = null, Action<string>? delayed = null)
{
    readonly Action<string> _write = write ?? (message => SelfLog.WriteLine("{0}", message));
    readonly Throttle _throttle = new(time);

    public void Log(string kind, string message) => Log(kind, () => message);

    /// <summary>As <see cref="Log(string, string)"/>, and informs Serilog's failure listener. Nothing is lost.</summary>
    public void LogDelayed(string kind, string message)
    {
        if (TryLog(kind, () => message)) delayed?.Invoke(message);
    }

    /// <summary>As the other overload, for messages that are costly to make and may come in floods.</summary>
    public void Log(string kind, Func<string> message) => TryLog(kind, message);

    bool TryLog(string kind, Func<string> message)
    {
        if (!_throttle.TryPass(kind, out var suppressed)) return false;
        _write("LogPipeline: " + message() + (suppressed > 0 ? $" ({suppressed} more of this kind in between)" : ""));
        return true;
    }

    /// <summary>The next message of this kind is written at once.</summary>
    public void Reset(string kind) => _throttle.Reset(kind);
}
