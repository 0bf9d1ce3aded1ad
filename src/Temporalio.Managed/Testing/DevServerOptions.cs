namespace Temporalio.Testing;

/// <summary>How <see cref="WorkflowEnvironment.StartLocalAsync"/> runs the <c>temporal</c> program.</summary>
public class DevServerOptions : ICloneable
{
    /// <summary>The <c>temporal</c> program. Null: the first one on PATH.</summary>
    public string? ExistingPath { get; set; }

    /// <summary>Where the server keeps its state, so that the next one has it too. Null: in memory.</summary>
    public string? DatabaseFilename { get; set; }

    public string LogFormat { get; set; } = "pretty";

    public string LogLevel { get; set; } = "warn";

    /// <summary>Not looked at: nothing is ever downloaded.</summary>
    public string DownloadVersion { get; set; } = "default";

    /// <summary>More arguments for <c>temporal server start-dev</c>.</summary>
    public IReadOnlyCollection<string>? ExtraArgs { get; set; }

    /// <summary>Not looked at: nothing is ever downloaded.</summary>
    public TimeSpan? DownloadTtl { get; set; }

    /// <summary>A shallow copy.</summary>
    public virtual object Clone() => MemberwiseClone();
}
