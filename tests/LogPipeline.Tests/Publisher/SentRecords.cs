using System.Text.Json;
using LogPipeline.Workflows;
using Temporalio.Client;

namespace LogPipeline.Tests.Publisher;

/// <summary>The records that Temporal holds of one source.</summary>
static class SentRecords
{
    public static async Task<IReadOnlyList<JsonElement>> OfAsync(string address, string source)
    {
        var client = await TemporalClient.ConnectAsync(new(address));
        var records = new List<JsonElement>();
        await foreach (var run in client.ListWorkflowsAsync($"WorkflowType = '{PipelineDefaults.WorkflowName}'"))
        {
            if (!BatchId.TryParse(run.Id, out var id) || id.Source != source) continue;
            var history = await client.GetWorkflowHandle(run.Id).FetchHistoryAsync();
            var input = history.Events.First().WorkflowExecutionStartedEventAttributes.Input.Payloads_;
            records.AddRange(LogBatchRecords.Decode(input[1].Data.ToByteArray()).Select(record => JsonDocument.Parse(record).RootElement));
        }
        return records;
    }

    /// <summary>The property <c>Number</c> of each, sorted.</summary>
    public static async Task<int[]> NumbersAsync(string address, string source) =>
        [.. (await OfAsync(address, source)).Select(record => record.GetProperty("Number").GetInt32()).Order()];
}
