using Serilog.Debugging;

namespace LogPipeline.Publisher.Diagnostics;

/// <summary>
/// Tells Serilog's SelfLog what an operator must know: the first of a kind at once, the same kind again after a minute at
/// the earliest, with the number of those in between.
/// </summary>
sealed class Reporter(TimeProvider time, Action<string>? write = null, Action<string>? delayed = null)
{
    static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    readonly Action<string> _write = write ?? (message => SelfLog.WriteLine("{0}", message));
    readonly Dictionary<string, (long At, int Left)> _kinds = [];

    public void Say(string kind, string message) => Say(kind, () => message);

    /// <summary>As <see cref="Say(string, string)"/>; nothing is lost, and Serilog's failure listener is told as well.</summary>
    public void SayDelayed(string kind, string message)
    {
        if (TrySay(kind, () => message)) delayed?.Invoke(message);
    }

    /// <summary>As the other, for messages that cost something to make and may come in floods.</summary>
    public void Say(string kind, Func<string> message) => TrySay(kind, message);

    bool TrySay(string kind, Func<string> message)
    {
        string extra;
        lock (_kinds)
        {
            if (_kinds.TryGetValue(kind, out var last) && time.GetElapsedTime(last.At) < Quiet)
            {
                _kinds[kind] = (last.At, last.Left + 1);
                return false;
            }
            _kinds[kind] = (time.GetTimestamp(), 0);
            extra = last.Left > 0 ? $" ({last.Left} more of this kind in between)" : "";
        }
        _write("LogPipeline: " + message() + extra);
        return true;
    }

    /// <summary>The next message of this kind is news again.</summary>
    public void Forget(string kind)
    {
        lock (_kinds) _kinds.Remove(kind);
    }
}
