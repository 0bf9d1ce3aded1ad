using Google.Protobuf.WellKnownTypes;

namespace Temporalio.Worker.Replay;

/// <summary>Times and spans to protobuf's and back, null for what is not set.</summary>
static class ProtoTime
{
    public static Duration? ToDuration(TimeSpan? span) => span is { } value ? Duration.FromTimeSpan(value) : null;

    /// <summary>Temporal writes an unlimited timeout as zero.</summary>
    public static TimeSpan? ToTimeSpan(Duration? duration) => duration is { Seconds: 0, Nanos: 0 } or null ? null : duration.ToTimeSpan();
}
