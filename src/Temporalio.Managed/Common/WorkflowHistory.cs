using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Temporalio.Api.History.V1;

namespace Temporalio.Common;

/// <summary>A workflow's events, for replay.</summary>
/// <param name="Id">The workflow id.</param>
/// <param name="Events">All events from the first on.</param>
public record WorkflowHistory(string Id, IReadOnlyCollection<HistoryEvent> Events)
{
    static readonly JsonParser Parser = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public string ToJson() => JsonFormatter.Default.Format(new History { Events = { Events } });

    public void ToJson(TextWriter writer) => JsonFormatter.Default.Format(new History { Events = { Events } }, writer);

    /// <summary>
    /// Reads what <c>temporal workflow show -o json</c> and Temporal's UI write: enums may be spelt
    /// <c>EVENT_TYPE_TIMER_FIRED</c> or <c>TimerFired</c>; fields that are not known here are left out.
    /// </summary>
    /// <exception cref="ArgumentException">The text is not a history object.</exception>
    public static WorkflowHistory FromJson(string workflowId, string json)
    {
        try
        {
            if (JsonNode.Parse(json) is not JsonObject history) throw new ArgumentException("JSON is not expected history object", nameof(json));
            HistoryJson.SpellEnumsOut(history, History.Descriptor);
            return new(workflowId, Parser.Parse<History>(history.ToJsonString()).Events);
        }
        catch (Exception e) when (e is JsonException or InvalidProtocolBufferException)
        {
            throw new ArgumentException($"JSON is not expected history object: {e.Message}", nameof(json), e);
        }
    }
}
