using Google.Protobuf.WellKnownTypes;

namespace Temporalio.Common;

/// <summary>When a failed workflow or activity is tried again.</summary>
public record RetryPolicy
{
    /// <summary>Delay before the first retry; default 1 s.</summary>
    public TimeSpan InitialInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>What each further delay is multiplied by; default 2, never under 1.</summary>
    public float BackoffCoefficient { get; set; } = 2.0F;

    /// <summary>Longest delay; null: 100 times the initial one.</summary>
    public TimeSpan? MaximumInterval { get; set; }

    /// <summary>Most attempts, the first included; 0: no limit.</summary>
    public int MaximumAttempts { get; set; }

    /// <summary>Error types that are not retried.</summary>
    public IReadOnlyCollection<string>? NonRetryableErrorTypes { get; set; }

    internal Api.Common.V1.RetryPolicy ToProto() => new()
    {
        InitialInterval = Duration.FromTimeSpan(InitialInterval),
        BackoffCoefficient = BackoffCoefficient,
        MaximumInterval = MaximumInterval is { } interval ? Duration.FromTimeSpan(interval) : null,
        MaximumAttempts = MaximumAttempts,
        NonRetryableErrorTypes = { NonRetryableErrorTypes ?? [] },
    };

    internal static RetryPolicy FromProto(Api.Common.V1.RetryPolicy proto) => new()
    {
        InitialInterval = proto.InitialInterval?.ToTimeSpan() ?? TimeSpan.Zero,
        BackoffCoefficient = (float)proto.BackoffCoefficient,
        MaximumInterval = proto.MaximumInterval?.ToTimeSpan(),
        MaximumAttempts = proto.MaximumAttempts,
        NonRetryableErrorTypes = proto.NonRetryableErrorTypes.Count == 0 ? null : proto.NonRetryableErrorTypes,
    };
}
