using Google.Protobuf;
using LogPipeline.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>What the documents say of a batch of its kind.</summary>
enum Fate
{
    /// <summary>It ends: written, a dead letter, or refused at its start.</summary>
    Ends,

    /// <summary>It may be right for a worker with another version or key, and ends when that was waited for.</summary>
    EndsUnread,

    /// <summary>It is written when the one before it was waited for.</summary>
    EndsLate,

    /// <summary>It is no batch at all.</summary>
    IsForeign,
}

/// <summary>The start of a workflow that a hostile starter asks for.</summary>
sealed record HostileStart(string Kind, Fate Fate, string WorkflowId, Payload[] Input)
{
    public string Type { get; init; } = PipelineDefaults.WorkflowName;

    public StartWorkflowExecutionRequest ToRequest(string requestId) => new()
    {
        Namespace = PipelineDefaults.TemporalNamespace,
        WorkflowId = WorkflowId,
        RequestId = requestId,
        Identity = "attack",
        WorkflowType = new() { Name = Type },
        TaskQueue = new() { Name = PipelineDefaults.TaskQueue },
        Input = Input.Length == 0 ? null : new Payloads { Payloads_ = { Input } },
    };

    public static Payload Of(byte[] data, string encoding = "json/plain") => new()
    {
        Data = ByteString.CopyFrom(data), Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) },
    };

    public static Payload Of(string data, string encoding = "json/plain") => Of(Encoding.UTF8.GetBytes(data), encoding);
}
