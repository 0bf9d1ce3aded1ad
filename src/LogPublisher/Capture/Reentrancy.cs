namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Tells events that the sink itself causes (its client or the native core beneath it logs, a property's own code logs while it is rendered) from
/// the application's: they would go round for ever.
/// </summary>
static class Reentrancy
{
    static readonly AsyncLocal<bool> Publisher = new();
    [ThreadStatic] static bool _capturing;

    /// <summary>Everything that is started from here on is the sink's own work.</summary>
    public static void EnterPublisher() => Publisher.Value = true;

    /// <summary>What is logged on this thread until the end of it is the sink's own, though the thread is not.</summary>
    public static Capture AsPublisher() => new(_capturing);

    public static bool TryEnterCapture()
    {
        if (_capturing || Publisher.Value) return false;
        return _capturing = true;
    }

    public static void LeaveCapture() => _capturing = false;

    public readonly struct Capture : IDisposable
    {
        readonly bool _before;

        internal Capture(bool before)
        {
            _before = before;
            _capturing = true;
        }

        public void Dispose() => _capturing = _before;
    }
}
