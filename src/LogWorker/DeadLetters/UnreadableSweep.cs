using Google.Protobuf;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using WorkflowExecution = Temporalio.Client.WorkflowExecution;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>
/// Takes batches out of Temporal whose input nobody can read: damaged, encrypted with another key of the same id, or with a
/// header that is none. Their workflows cannot even begin, so it is done from outside, and not before a grace, in which a key
/// can be put right. A batch whose key is missing, or that needs a newer worker, is left to wait.
/// </summary>
/// <param name="client">Without a codec: the input is kept as Temporal has it.</param>
sealed class UnreadableSweep(ITemporalClient client, PipelineCodec codec, DeadLetterBox box, UnreadableSweepOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>Batches looked at in one go.</summary>
    const int LooksMax = 1_000;

    // Runs that wait for something else; what they wait for comes with another process.
    readonly HashSet<string> _waiting = new(StringComparer.Ordinal);

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        // One that waits for a destination alone has begun, so that it was read.
        var before = (time.GetUtcNow() - options.Grace).UtcDateTime;
        var query = $"WorkflowType = '{PipelineDefaults.WorkflowName}' AND TaskQueue = '{options.TaskQueue.Replace("'", "\\'", StringComparison.Ordinal)}' AND ExecutionStatus = 'Running' AND TemporalChangeVersion IS NULL AND StartTime < '{before:O}'";
        var rpc = new RpcOptions { Timeout = TimeSpan.FromSeconds(10), CancellationToken = cancellationToken };
        var executions = new List<WorkflowExecution>();
        await foreach (var execution in client.ListWorkflowsAsync(query, new WorkflowListOptions { Limit = LooksMax, Rpc = rpc }).ConfigureAwait(false)) executions.Add(execution);
        foreach (var execution in executions)
        {
            if (_waiting.Contains(execution.RunId)) continue;
            if (await InputOfAsync(execution, rpc).ConfigureAwait(false) is not { } input || Unreadable.Judge(input, codec) is not { } unreadable)
            {
                if (_waiting.Count >= LooksMax) _waiting.Clear();
                _waiting.Add(execution.RunId);
                continue;
            }
            var letter = LetterOf(execution.Id, input, unreadable, time.GetUtcNow());
            box.Write(letter);
            try
            {
                await client.GetWorkflowHandle(execution.Id, execution.RunId).TerminateAsync($"Kept as dead letter {letter.Name}: {unreadable.Reason}", new WorkflowTerminateOptions { Rpc = rpc }).ConfigureAwait(false);
            }
            catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
            {
                // Ended meanwhile; the letter is one too many, and says so by its workflow's id.
            }
            WorkerLog.UnreadableKept(logger, execution.Id, letter.Name, unreadable.Reason);
        }
    }

    async Task<Payloads?> InputOfAsync(WorkflowExecution execution, RpcOptions rpc)
    {
        var request = new GetWorkflowExecutionHistoryRequest
        {
            Namespace = client.Options.Namespace,
            Execution = new() { WorkflowId = execution.Id, RunId = execution.RunId },
            MaximumPageSize = 1,
        };
        var page = await client.Connection.WorkflowService.GetWorkflowExecutionHistoryAsync(request, rpc).ConfigureAwait(false);
        return page.History.Events.FirstOrDefault()?.WorkflowExecutionStartedEventAttributes?.Input;
    }

    static DeadLetter LetterOf(string workflow, Payloads input, Unreadable unreadable, DateTimeOffset now)
    {
        var bytes = input.ToByteArray();
        return new DeadLetter(new DeadLetterHead
        {
            Workflow = workflow,
            At = now,
            Header = unreadable.Header,
            Parts = [new DeadLetterPart { Index = 0, RecordCount = unreadable.Header?.RecordCount ?? 0, Length = bytes.Length, Reason = unreadable.Reason, Form = DeadLetterForm.Input }],
            Crc = Crc32C.Compute(bytes),
        }, bytes);
    }
}

/// <param name="TaskQueue">Whose batches.</param>
/// <param name="Grace">How long a batch waits before it is judged.</param>
readonly record struct UnreadableSweepOptions(string TaskQueue, TimeSpan Grace);

/// <summary>Why a workflow's input cannot be read, and its header if that can.</summary>
sealed record Unreadable(string Reason, LogBatchHeader? Header)
{
    /// <returns>Null: it can be read, or could be by a process that has a key, a codec or a version that this one lacks.</returns>
    public static Unreadable? Judge(Payloads input, PipelineCodec codec)
    {
        if (input.Payloads_.Count != 2) return new Unreadable($"The workflow has {input.Payloads_.Count} arguments; a batch has two.", null);
        var (header, isOurs, reason) = HeaderOf(input.Payloads_[0], codec);
        if (!isOurs) return null;
        if (reason is not null) return new Unreadable(reason, null);
        try
        {
            codec.Decode(input.Payloads_[1]);
            return null;
        }
        catch (PayloadKeyMissingException)
        {
            return null;
        }
        catch (PayloadNotReadableException e)
        {
            return new Unreadable(e.Message, header);
        }
    }

    static (LogBatchHeader? Header, bool IsOurs, string? Reason) HeaderOf(Payload payload, PipelineCodec codec)
    {
        try
        {
            var open = codec.Decode(payload);
            if (!open.Metadata.TryGetValue("encoding", out var encoding) || encoding.ToStringUtf8() != "json/plain") return (null, false, null);
            using var json = JsonDocument.Parse(open.Data.Memory);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("version", out var version)
                && version.TryGetInt32(out var number) && number > LogBatchHeader.CurrentVersion) return (null, false, null);
            return (json.RootElement.Deserialize<LogBatchHeader>(), true, null);
        }
        catch (PayloadKeyMissingException)
        {
            return (null, false, null);
        }
        catch (PayloadNotReadableException e)
        {
            return (null, true, e.Message);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return (null, true, $"The header is none: {e.Message}");
        }
    }
}
