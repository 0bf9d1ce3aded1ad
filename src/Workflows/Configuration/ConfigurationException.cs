namespace LogPipeline.Workflows.Configuration;

/// <summary>Options were wrong; nothing was started. Programs end with exit code 78.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> errors)
    : Exception(string.Join(Environment.NewLine, errors))
{
    /// <summary>One sentence for each error.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;

    public ConfigurationException(string error) : this([error])
    {
    }
}
