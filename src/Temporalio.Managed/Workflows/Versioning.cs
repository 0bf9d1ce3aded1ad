namespace Temporalio.Workflows;

/// <summary>Which workers, by their build id, take what the workflow starts.</summary>
[Obsolete("Worker Build Id versioning is deprecated in favor of Worker Deployment versioning")]
public enum VersioningIntent
{
    /// <summary>The server decides.</summary>
    Unspecified,

    /// <summary>Workers whose build is compatible with this workflow's.</summary>
    Compatible,

    /// <summary>The task queue's default version.</summary>
    CurrentDefault,
}

/// <summary>On which version of its worker deployment the next run begins.</summary>
public enum InitialVersioningBehavior
{
    /// <summary>As the versioning behavior of this run says.</summary>
    Unspecified = Api.Enums.V1.ContinueAsNewVersioningBehavior.Unspecified,

    /// <summary>On the deployment's current version, also when this run is pinned.</summary>
    AutoUpgrade = Api.Enums.V1.ContinueAsNewVersioningBehavior.AutoUpgrade,

    UseRampingVersion = Api.Enums.V1.ContinueAsNewVersioningBehavior.UseRampingVersion,
}

/// <summary>Why the server suggests to continue as new.</summary>
public enum SuggestContinueAsNewReason
{
    Unspecified = Api.Enums.V1.SuggestContinueAsNewReason.Unspecified,
    HistorySizeTooLarge = Api.Enums.V1.SuggestContinueAsNewReason.HistorySizeTooLarge,
    TooManyHistoryEvents = Api.Enums.V1.SuggestContinueAsNewReason.TooManyHistoryEvents,
    TooManyUpdates = Api.Enums.V1.SuggestContinueAsNewReason.TooManyUpdates,
}
