using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Exceptions;

namespace Temporalio.Converters;

/// <summary>
/// An exception that is no <see cref="FailureException"/> becomes an application failure whose type is the exception's
/// class name. What came over the wire as a failure goes back as the same failure.
/// </summary>
public class DefaultFailureConverter : IFailureConverter
{
    public DefaultFailureConverter() : this(new()) { }

    protected DefaultFailureConverter(DefaultFailureConverterOptions options) => Options = options;

    public DefaultFailureConverterOptions Options { get; }

    public virtual Failure ToFailure(Exception exception, IPayloadConverter payloadConverter)
    {
        var failureException = exception as FailureException
            ?? new ApplicationFailureException(exception.Message, exception.InnerException, exception.GetType().Name);
        var failure = failureException.Failure?.Clone() ?? Create(failureException, exception.StackTrace, payloadConverter);
        if (Options.EncodeCommonAttributes)
        {
            failure.EncodedAttributes = payloadConverter.ToPayload(new Dictionary<string, string>
            {
                ["message"] = failure.Message,
                ["stack_trace"] = failure.StackTrace,
            });
            failure.Message = "Encoded failure";
            failure.StackTrace = "";
        }
        return failure;
    }

    public virtual Exception ToException(Failure failure, IPayloadConverter payloadConverter)
    {
        RestoreCommonAttributes(failure, payloadConverter);
        var inner = failure.Cause == null ? null : ToException(failure.Cause, payloadConverter);
        return failure.FailureInfoCase switch
        {
            Failure.FailureInfoOneofCase.ApplicationFailureInfo => new ApplicationFailureException(failure, inner, payloadConverter),
            Failure.FailureInfoOneofCase.TimeoutFailureInfo => new TimeoutFailureException(failure, inner, payloadConverter),
            Failure.FailureInfoOneofCase.CanceledFailureInfo => new CanceledFailureException(failure, inner, payloadConverter),
            Failure.FailureInfoOneofCase.TerminatedFailureInfo => new TerminatedFailureException(failure, inner, null),
            Failure.FailureInfoOneofCase.ServerFailureInfo => new ServerFailureException(failure, inner),
            Failure.FailureInfoOneofCase.ActivityFailureInfo => new ActivityFailureException(failure, inner),
            Failure.FailureInfoOneofCase.ChildWorkflowExecutionFailureInfo => new ChildWorkflowFailureException(failure, inner),
            _ => new FailureException(failure, inner),
        };
    }

    Failure Create(FailureException exception, string? stackTrace, IPayloadConverter converter)
    {
        var failure = new Failure
        {
            Message = exception.Message,
            StackTrace = stackTrace ?? "",
            Source = "",
            Cause = exception.InnerException == null ? null : ToFailure(exception.InnerException, converter),
        };
        switch (exception)
        {
            case ApplicationFailureException application:
                failure.ApplicationFailureInfo = new()
                {
                    Type = application.ErrorType ?? "",
                    NonRetryable = application.NonRetryable,
                    Details = Payloads(application.Details, converter),
                    NextRetryDelay = application.NextRetryDelay is { } delay ? Duration.FromTimeSpan(delay) : null,
                    Category = application.Category,
                };
                break;
            case CanceledFailureException canceled:
                failure.CanceledFailureInfo = new() { Details = Payloads(canceled.Details, converter) };
                break;
            case WorkflowAlreadyStartedException:
                break;
            default:
                throw new ArgumentException($"Unexpected failure type {exception.GetType()} without failure proto");
        }
        return failure;
    }

    static Payloads? Payloads(IFailureDetails details, IPayloadConverter converter) => details switch
    {
        { Count: 0 } => null,
        OutboundFailureDetails outbound => new() { Payloads_ = { outbound.Details!.Select(converter.ToPayload) } },
        _ => throw new ArgumentException("A failure made in this process must have outbound details"),
    };

    static void RestoreCommonAttributes(Failure failure, IPayloadConverter converter)
    {
        if (failure.EncodedAttributes == null) return;
        try
        {
            var attributes = converter.ToValue<Dictionary<string, string>>(failure.EncodedAttributes);
            if (!attributes.TryGetValue("message", out var message)) return;
            failure.Message = message;
            if (attributes.TryGetValue("stack_trace", out var stackTrace)) failure.StackTrace = stackTrace;
        }
        catch (Exception e) when (e is ArgumentException or JsonException or NotSupportedException or InvalidCastException or KeyNotFoundException)
        {
            // Written with a codec or converter that is not this one: the failure stays readable as "Encoded failure".
        }
    }

    /// <summary>Message and stack trace travel as a payload too, so that a codec encrypts them.</summary>
    public class WithEncodedCommonAttributes : DefaultFailureConverter
    {
        public WithEncodedCommonAttributes() : base(new() { EncodeCommonAttributes = true }) { }
    }
}

/// <summary>Options of a <see cref="DefaultFailureConverter"/>.</summary>
public class DefaultFailureConverterOptions : ICloneable
{
    /// <summary>Whether message and stack trace are moved into a payload, where codecs reach them. Default false.</summary>
    public bool EncodeCommonAttributes { get; set; }

    public virtual object Clone() => MemberwiseClone();
}
