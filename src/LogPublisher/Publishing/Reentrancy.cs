namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Tells events that the sink itself causes (its HTTP client logs, a property's own code logs while it is rendered) from
/// the application's: they would go round for ever.
/// </summary>
static class Reentrancy
{
    static readonly AsyncLocal<bool> Publisher = new();
    [ThreadStatic] static bool _capturing;

    /// <summary>Everything that is started from here on is the sink's own work.</summary>
    public static void EnterPublisher() => Publisher.Value = true;

    public static bool TryEnterCapture()
    {
        if (_capturing || Publisher.Value) return false;
        return _capturing = true;
    }

    public static void LeaveCapture() => _capturing = false;
}
