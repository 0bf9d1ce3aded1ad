using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using VersioningBehavior = Temporalio.Common.VersioningBehavior;

namespace Temporalio.Worker;

/// <summary>Which version of which deployment a worker is.</summary>
public class WorkerDeploymentOptions : ICloneable
{
    public WorkerDeploymentOptions()
    {
    }

    public WorkerDeploymentOptions(WorkerDeploymentVersion version, bool useWorkerVersioning)
    {
        Version = version;
        UseWorkerVersioning = useWorkerVersioning;
    }

    /// <summary>Required.</summary>
    public WorkerDeploymentVersion? Version { get; set; }

    /// <summary>
    /// Take only tasks that the server routes to this version, none before the version is made current or ramping. False:
    /// the version is for reporting only.
    /// </summary>
    public bool UseWorkerVersioning { get; set; }

    /// <summary>For workflows that name none. Must stay unspecified without <see cref="UseWorkerVersioning"/>.</summary>
    public VersioningBehavior DefaultVersioningBehavior { get; set; } = VersioningBehavior.Unspecified;

    public virtual object Clone() => MemberwiseClone();

    internal Api.Deployment.V1.WorkerDeploymentOptions ToProto() => new()
    {
        DeploymentName = Version!.DeploymentName,
        BuildId = Version.BuildId,
        WorkerVersioningMode = UseWorkerVersioning ? WorkerVersioningMode.Versioned : WorkerVersioningMode.Unversioned,
    };
}
