namespace TemporalDevServer;

/// <summary>The server does not start with these options.</summary>
public sealed class DevServerOptionsException(IReadOnlyList<string> errors)
    : ArgumentException(string.Join(Environment.NewLine, errors))
{
    /// <summary>One sentence for each error.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
