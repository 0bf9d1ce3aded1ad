using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;

namespace Temporalio.Worker;

/// <summary>
/// Finds replies that the server would not take, before they are sent: it would end the workflow for them. The task is
/// failed instead and comes again, so that mended code can still save the workflow.
/// </summary>
sealed class NamespaceLimits(ILogger logger)
{
    PayloadSizeLimits _limits;

    /// <summary>For whoever has no limits, as in tests.</summary>
    public static NamespaceLimits None { get; } = new(NullLogger.Instance);

    /// <summary>For a reply that was refused because its message is too large, however small its fields are.</summary>
    public static Failure MessageTooLarge => new()
    {
        Message = "GRPC Message too large",
        ApplicationFailureInfo = new() { Type = "GrpcMessageTooLarge", NonRetryable = true },
    };

    /// <summary>A server before 1.30 does not tell its limits: then nothing is refused here, but by the server.</summary>
    public void Learn(DescribeNamespaceResponse answer)
    {
        if (answer.NamespaceInfo?.Limits is { } limits) _limits = new(limits.BlobSizeLimitError, limits.MemoSizeLimitError);
    }

    /// <returns>Why the reply must not be sent; null: it may.</returns>
    public Failure? Refuse(IMessage reply)
    {
        if (_limits.FindOversize(reply) is not { } field) return null;
        NamespaceLimitsLog.TooLarge(logger, field.Kind, reply.Descriptor.Name, field.Bytes, field.Limit);
        return new()
        {
            Message = $"[TMPRL1103] Attempted to upload {field.Kind} with size that exceeded the error limit."
                + $" {reply.Descriptor.Name} holds {field.Bytes} bytes, the namespace takes {field.Limit}.",
            ApplicationFailureInfo = new() { Type = "PayloadsTooLarge" },
        };
    }
}

static partial class NamespaceLimitsLog
{
    [LoggerMessage(5701, LogLevel.Error,
        "[TMPRL1103] Attempted to upload {Kind} with size that exceeded the error limit. {Reply} holds {Bytes} bytes, the namespace takes {Limit}")]
    public static partial void TooLarge(ILogger logger, string kind, string reply, long bytes, long limit);
}
