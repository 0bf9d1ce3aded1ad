using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>The wait that a workflow takes on, as a timer, before a local activity's next attempt.</summary>
readonly record struct LocalActivityBackoff(TimeSpan Delay, uint NextAttempt, DateTime? OriginalScheduleTime);

/// <summary>
/// How a local activity's outcome stands in history, in the form that Temporal's Rust-based SDKs share:
/// a marker named <c>core_local_activity</c> whose detail <c>data</c> is a JSON object (snake case, times as
/// <c>{"seconds":…,"nanos":…}</c>) and whose detail <c>result</c> is the result; a failure is the marker's own.
/// </summary>
sealed record LocalActivityMarker
{
    public const string Name = "core_local_activity";
    public const string DataKey = "data";
    public const string ResultKey = "result";

    [JsonPropertyName("seq")] public uint Seq { get; init; }
    [JsonPropertyName("attempt")] public uint Attempt { get; init; }
    [JsonPropertyName("activity_id")] public string ActivityId { get; init; } = "";
    [JsonPropertyName("activity_type")] public string ActivityType { get; init; } = "";
    [JsonPropertyName("complete_time")] public Instant? CompleteTime { get; init; }
    [JsonPropertyName("backoff")] public Instant? Backoff { get; init; }
    [JsonPropertyName("original_schedule_time")] public Instant? OriginalScheduleTime { get; init; }
    [JsonIgnore] public Payload? Result { get; init; }
    [JsonIgnore] public Failure? Failure { get; init; }

    public static bool Is(HistoryEvent e) => e.MarkerRecordedEventAttributes?.MarkerName == Name;

    public static LocalActivityMarker Read(HistoryEvent e)
    {
        var attributes = e.MarkerRecordedEventAttributes;
        if (!attributes.Details.TryGetValue(DataKey, out var data) || data.Payloads_.Count == 0)
            throw Nondeterminism.Error(e, "the local activity's marker has no data");
        LocalActivityMarker? marker;
        try
        {
            marker = JsonSerializer.Deserialize<LocalActivityMarker>(data.Payloads_[0].Data.Span);
        }
        catch (JsonException x)
        {
            throw Nondeterminism.Error(e, $"the local activity's marker cannot be read ({x.Message})");
        }
        attributes.Details.TryGetValue(ResultKey, out var result);
        return marker! with { Result = result?.Payloads_.FirstOrDefault(), Failure = attributes.Failure };
    }

    public Api.Command.V1.RecordMarkerCommandAttributes ToAttributes()
    {
        var attributes = new Api.Command.V1.RecordMarkerCommandAttributes { MarkerName = Name, Failure = Failure };
        attributes.Details[DataKey] = new Payloads
        {
            Payloads_ =
            {
                new Payload
                {
                    Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
                    Data = ByteString.CopyFrom(JsonSerializer.SerializeToUtf8Bytes(this)),
                },
            },
        };
        if (Result != null) attributes.Details[ResultKey] = new Payloads { Payloads_ = { Result } };
        return attributes;
    }

    /// <summary>A protobuf timestamp or duration as its two numbers.</summary>
    internal sealed record Instant(
        [property: JsonPropertyName("seconds")] long Seconds, [property: JsonPropertyName("nanos")] int Nanos)
    {
        public static Instant? From(DateTime? utc)
        {
            if (utc is not { } time) return null;
            var stamp = Timestamp.FromDateTime(time);
            return new(stamp.Seconds, stamp.Nanos);
        }

        public static Instant From(TimeSpan span)
        {
            var duration = Duration.FromTimeSpan(span);
            return new(duration.Seconds, duration.Nanos);
        }

        public DateTime ToUtc() => new Timestamp { Seconds = Seconds, Nanos = Nanos }.ToDateTime();

        public TimeSpan ToTimeSpan() => new Duration { Seconds = Seconds, Nanos = Nanos }.ToTimeSpan();
    }
}
