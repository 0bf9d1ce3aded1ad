using System.Text.Json;
using Google.Protobuf;
using LogPipeline.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Converters;

namespace LogPipeline.EndToEnd.Support;

/// <summary>A batch whose second record of three is of another instance, so that it can never be written.</summary>
static class PoisonBatch
{
    public const string Stranger = "stranger";

    /// <summary>Starts its workflow; the records are as they lie in Temporal.</summary>
    public static async Task<(WorkflowHandle Handle, string[] Records)> StartAsync(ITemporalClient client, BatchId id, string taskQueue)
    {
        string[] records = [Record(id, 1, id.Instance), Record(id, 2, Stranger), Record(id, 3, id.Instance)];
        var header = new LogBatchHeader
        {
            Source = id.Source, Instance = id.Instance, FirstSequence = 1, LastSequence = 3, RecordCount = 3, Bytes = 1,
            From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.UnixEpoch,
            Levels = new Dictionary<string, int> { ["info"] = 3 }, Channels = new Dictionary<string, int> { ["app"] = 3 },
        };
        var payload = new Payload
        {
            Data = ByteString.CopyFromUtf8($"[\n{string.Join(",\n", records)}\n]"),
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
        };
        var handle = await client.StartWorkflowAsync(
            PipelineDefaults.WorkflowName, [header, new RawValue(payload)], new WorkflowOptions(id.ToString(), taskQueue));
        return (handle, records);
    }

    static string Record(BatchId id, int sequence, string instance) =>
        Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object>
        {
            ["@t"] = "2026-11-21T00:00:00Z", ["@mt"] = $"Event {sequence}", ["level"] = "info", ["channel"] = "app",
            ["source"] = id.Source, ["instance"] = instance, ["seq"] = sequence,
        }));
}
