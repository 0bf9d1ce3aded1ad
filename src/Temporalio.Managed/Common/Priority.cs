namespace Temporalio.Common;

/// <summary>Which tasks of a queue go first. Null leaves a setting to the server, or to the calling workflow.</summary>
public sealed record Priority
{
    public Priority(int? priorityKey = null, string? fairnessKey = null, float? fairnessWeight = null)
    {
        PriorityKey = priorityKey;
        FairnessKey = fairnessKey;
        FairnessWeight = fairnessWeight;
    }

    internal Priority(Api.Common.V1.Priority priority)
        : this(
            priority.PriorityKey == 0 ? null : priority.PriorityKey,
            priority.FairnessKey.Length == 0 ? null : priority.FairnessKey,
            priority.FairnessWeight == 0 ? null : priority.FairnessWeight)
    {
    }

    public static Priority Default { get; } = new();

    /// <summary>1 is most urgent; the server's default is the middle one.</summary>
    public int? PriorityKey { get; init; }

    /// <summary>Tasks of one key share their part of the queue.</summary>
    public string? FairnessKey { get; init; }

    /// <summary>How large that part is; the server's default is 1.</summary>
    public float? FairnessWeight { get; init; }

    internal Api.Common.V1.Priority ToProto() => new()
    {
        PriorityKey = PriorityKey ?? 0,
        FairnessKey = FairnessKey ?? "",
        FairnessWeight = FairnessWeight ?? 0,
    };
}
