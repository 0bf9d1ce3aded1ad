using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>
/// A change of a workflow's code, as history records it: a marker named <c>core_patch</c> whose detail <c>patch-data</c>
/// is <c>{"id":…,"deprecated":…}</c>, the form that Temporal's Rust-based SDKs share.
/// </summary>
sealed record PatchMarker([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("deprecated")] bool Deprecated)
{
    public const string Name = "core_patch";
    const string DataKey = "patch-data";

    public static PatchMarker? Read(HistoryEvent e)
    {
        var attributes = e.MarkerRecordedEventAttributes;
        if (attributes?.MarkerName != Name) return null;
        if (!attributes.Details.TryGetValue(DataKey, out var data) || data.Payloads_.Count == 0) return null;
        return JsonSerializer.Deserialize<PatchMarker>(data.Payloads_[0].Data.Span);
    }

    public Command ToCommand()
    {
        var attributes = new RecordMarkerCommandAttributes { MarkerName = Name };
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
        return new() { CommandType = CommandType.RecordMarker, RecordMarkerCommandAttributes = attributes };
    }
}

/// <summary>A patch's marker as a command. A deprecated one may be missing from history, and be in it without being asked for.</summary>
sealed class PatchMachine(PatchMarker marker) : CommandMachine
{
    public bool Deprecated => marker.Deprecated;

    public override EventType RecordedAs => EventType.MarkerRecorded;

    public override string Describe() => $"patch '{marker.Id}'";

    public override Command ToCommand() => marker.ToCommand();

    public bool Records(HistoryEvent e) => PatchMarker.Read(e)?.Id == marker.Id;

    public override void OnRecorded(HistoryEvent e)
    {
        if (!Records(e)) throw Mismatch(e, $"the workflow asked for {Describe()} here");
    }
}
