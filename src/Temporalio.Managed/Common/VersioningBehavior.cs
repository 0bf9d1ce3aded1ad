namespace Temporalio.Common;

/// <summary>What happens to a running workflow when its worker deployment gets a new version.</summary>
public enum VersioningBehavior
{
    Unspecified = Api.Enums.V1.VersioningBehavior.Unspecified,

    /// <summary>Stays on the version that it began on.</summary>
    Pinned = Api.Enums.V1.VersioningBehavior.Pinned,

    /// <summary>Moves to the current version with its next workflow task.</summary>
    AutoUpgrade = Api.Enums.V1.VersioningBehavior.AutoUpgrade,
}
