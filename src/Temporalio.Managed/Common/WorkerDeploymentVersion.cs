namespace Temporalio.Common;

/// <summary>One build of one deployment; written as <c>deployment.build</c>, the deployment's name being free of dots.</summary>
public sealed record WorkerDeploymentVersion(string DeploymentName, string BuildId)
{
    /// <exception cref="ArgumentException">There is no dot in the text.</exception>
    public static WorkerDeploymentVersion FromCanonicalString(string canonical) =>
        canonical.Split('.', 2) is [var deployment, var build]
            ? new(deployment, build)
            : throw new ArgumentException($"Cannot parse version string: {canonical}, must be in format <deployment_name>.<build_id>", nameof(canonical));

    public string ToCanonicalString() => $"{DeploymentName}.{BuildId}";

    internal Api.Deployment.V1.WorkerDeploymentVersion ToProto() => new() { DeploymentName = DeploymentName, BuildId = BuildId };
}
