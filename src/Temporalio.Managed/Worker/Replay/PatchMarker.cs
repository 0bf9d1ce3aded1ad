using System.Text.Encodings.Web;
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
    /// <summary>The search attribute that lists a run's patches.</summary>
    public const string SearchAttribute = "TemporalChangeVersion";
    const int SearchAttributeBytesMax = 2048;
    const string DataKey = "patch-data";

    // The length counts, so the text must be as short as the other SDKs write it.
    static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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

    /// <summary>
    /// The change of the search attribute that goes with a marker: all patches of the run, in order, as a keyword list.
    /// Null when it would be too long, and the patch is left out of what can be searched for.
    /// </summary>
    public static UpsertWorkflowSearchAttributesCommandAttributes? ToUpsert(IEnumerable<string> patches)
    {
        var data = JsonSerializer.SerializeToUtf8Bytes(patches.Order(StringComparer.Ordinal), Plain);
        if (data.Length >= SearchAttributeBytesMax) return null;
        var payload = new Payload
        {
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain"), ["type"] = ByteString.CopyFromUtf8("KeywordList") },
            Data = ByteString.CopyFrom(data),
        };
        return new() { SearchAttributes = new() { IndexedFields = { [SearchAttribute] = payload } } };
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
