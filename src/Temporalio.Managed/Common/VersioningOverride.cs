using Proto = Temporalio.Api.Workflow.V1.VersioningOverride;

namespace Temporalio.Common;

/// <summary>Which worker version a workflow runs on, whatever its task queue's current one is: <see cref="Pinned"/> or <see cref="AutoUpgrade"/>.</summary>
public abstract record VersioningOverride
{
    VersioningOverride()
    {
    }

    /// <summary>How long a pin holds.</summary>
    public enum PinnedOverrideBehavior
    {
        Unspecified = Proto.Types.PinnedOverrideBehavior.Unspecified,

        /// <summary>Until the workflow ends or the override is removed.</summary>
        Pinned = Proto.Types.PinnedOverrideBehavior.Pinned,
    }

    // Servers up to 1.28 read the older fields.
    internal Proto ToProto() => this is Pinned pinned
        ? new()
        {
            Behavior = Api.Enums.V1.VersioningBehavior.Pinned,
            PinnedVersion = pinned.Version.ToCanonicalString(),
            Pinned = new() { Version = pinned.Version.ToProto(), Behavior = (Proto.Types.PinnedOverrideBehavior)pinned.Behavior },
        }
        : new() { Behavior = Api.Enums.V1.VersioningBehavior.AutoUpgrade, AutoUpgrade = true };

    /// <summary>Runs on this version alone.</summary>
    public sealed record Pinned(WorkerDeploymentVersion Version, PinnedOverrideBehavior Behavior = PinnedOverrideBehavior.Pinned) : VersioningOverride;

    /// <summary>Moves to the deployment's current version as it changes.</summary>
    public sealed record AutoUpgrade : VersioningOverride;
}
