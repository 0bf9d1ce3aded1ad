namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Distinguishes events that the sink itself causes (its client or the native core beneath it logs, a property's own
/// code logs while it is rendered) from the application's: to log them would cause further ones without end.
/// </summary>
static class Reentrancy
{
    static readonly AsyncLocal<bool> Publisher = new();
    [ThreadStatic] static bool _capturing;

    /// <summary>Everything that is started from here on is the sink's own work.</summary>
    public static void EnterPublisher() => Publisher.Value = true;

    /// <summary>What the action logs on this thread is the sink's own, though the thread is not.</summary>
    public static void RunAsPublisher(Action action)
    {
        var before = _capturing;
        _capturing = true;
        try
        {
            action();
        }
        finally
        {
            _capturing = before;
        }
    }

    public static bool TryEnterCapture()
    {
        if (_capturing || Publisher.Value) return false;
        return _capturing = true;
    }

    public static void LeaveCapture() => _capturing = false;
}
