namespace LogPipeline.Worker.Observability;

/// <summary>
/// Whether batches can be written, and if not: where, since when and why. Set by the writer's loop, read by any thread.
/// </summary>
/// <param name="path">The log directory.</param>
/// <param name="time">Dates the trouble.</param>
sealed class Readiness(string path, TimeProvider time)
{
    volatile Trouble? _trouble;

    public string Path => path;

    /// <summary>Null: there is none.</summary>
    public Trouble? Trouble => _trouble;

    /// <returns>The trouble, if it is new.</returns>
    public Trouble? Failed(string reason)
    {
        var known = _trouble;
        _trouble = new Trouble(path, known?.Since ?? time.GetUtcNow(), reason);
        return known is null ? _trouble : null;
    }

    /// <returns>The trouble that is over, and how long it was; null: there was none.</returns>
    public (Trouble Trouble, TimeSpan Lasted)? Succeeded()
    {
        if (_trouble is not { } trouble) return null;
        _trouble = null;
        return (trouble, time.GetUtcNow() - trouble.Since);
    }
}

/// <param name="Path">What cannot be written.</param>
/// <param name="Since">Since the first failure.</param>
/// <param name="Reason">The last one.</param>
sealed record Trouble(string Path, DateTimeOffset Since, string Reason)
{
    public string Sentence =>
        $"{Path} cannot be written since {Since.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}: {Reason.TrimEnd('.')}.";
}
