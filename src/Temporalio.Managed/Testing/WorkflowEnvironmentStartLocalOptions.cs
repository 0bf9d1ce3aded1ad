using Temporalio.Client;
using Temporalio.Common;

namespace Temporalio.Testing;

/// <summary>
/// What <see cref="WorkflowEnvironment.StartLocalAsync"/> starts, and how its client connects. The server listens at
/// <see cref="TemporalConnectionOptions.TargetHost"/>; null: on 127.0.0.1 and a free port.
/// </summary>
public class WorkflowEnvironmentStartLocalOptions : TemporalClientConnectOptions
{
    /// <summary>Not looked at: nothing is ever downloaded.</summary>
    public string? DownloadDirectory { get; set; }

    /// <summary>Whether the server shows its UI. Default: no.</summary>
    public bool UI { get; set; }

    /// <summary>Where it shows it. Zero: the server's choice, its own port plus 1000.</summary>
    public int UIPort { get; set; }

    /// <summary>Known to the server from its start.</summary>
    public IReadOnlyCollection<SearchAttributeKey>? SearchAttributes { get; set; }

    public DevServerOptions DevServerOptions { get; set; } = new();

    /// <summary>A copy, one level deep.</summary>
    public override object Clone()
    {
        var copy = (WorkflowEnvironmentStartLocalOptions)base.Clone();
        copy.DevServerOptions = (DevServerOptions)DevServerOptions.Clone();
        return copy;
    }
}
