using System.Diagnostics;
using System.Text.Json;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Client.Interceptors;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace LogPipeline.Workflows;

// The span of a batch goes with it in a header of Temporal's, by the key and in the form (a JSON object of W3C's fields)
// of Temporal's own tracing interceptors, so that a worker or a client with one of those understands it.

/// <summary>Reads and writes the header that carries a span through Temporal.</summary>
static class TraceHeader
{
    public const string Key = "_tracer-data";

    /// <summary>W3C's fields have 55 bytes, and 512 characters at most in tracestate.</summary>
    const int BytesMax = 2 * 1024;

    const string Parent = "traceparent";
    const string State = "tracestate";
    static readonly ByteString JsonPlain = ByteString.CopyFromUtf8("json/plain");

    public static Payload Write(Activity span)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString(Parent, span.Id);
            if (!string.IsNullOrEmpty(span.TraceStateString)) json.WriteString(State, span.TraceStateString);
            json.WriteEndObject();
        }
        return new Payload { Data = ByteString.CopyFrom(bytes.ToArray()), Metadata = { ["encoding"] = JsonPlain } };
    }

    /// <summary>The span that a header names. It comes from outside: what is none is passed over.</summary>
    public static bool TryRead(IReadOnlyDictionary<string, Payload>? headers, out ActivityContext span)
    {
        span = default;
        if (headers is null || !headers.TryGetValue(Key, out var payload) || payload.Data.Length > BytesMax) return false;
        try
        {
            using var json = JsonDocument.Parse(payload.Data.Memory);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && ActivityContext.TryParse(Text(json.RootElement, Parent), Text(json.RootElement, State), isRemote: true, out span);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}

/// <summary>Sends the span in which a workflow is started along with it; without one nothing is sent.</summary>
sealed class TraceSender : IClientInterceptor
{
    public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new Outbound(nextInterceptor);

    sealed class Outbound(ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
    {
        public override Task<Temporalio.Client.WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(
            StartWorkflowInput input)
        {
            if (Activity.Current is not { IdFormat: ActivityIdFormat.W3C } span) return base.StartWorkflowAsync<TWorkflow, TResult>(input);
            var headers = input.Headers is null ? [] : new Dictionary<string, Payload>(input.Headers);
            headers[TraceHeader.Key] = TraceHeader.Write(span);
            return base.StartWorkflowAsync<TWorkflow, TResult>(input with { Headers = headers });
        }
    }
}

/// <summary>
/// Hands on what a batch's workflow was started with to its activities, and has each attempt of them be a span below it.
/// A header changes no decision of a workflow, so that a history is replayed with it or without.
/// </summary>
/// <param name="source">Of the spans; nobody listens: there are none.</param>
sealed class TraceReceiver(ActivitySource source) : IWorkerInterceptor
{
    public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) =>
        new Attempt(nextInterceptor, source);

    public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => new Inbound(nextInterceptor);

    sealed class Inbound(WorkflowInboundInterceptor next) : WorkflowInboundInterceptor(next)
    {
        public override void Init(WorkflowOutboundInterceptor outbound) =>
            base.Init(Workflow.Info.Headers?.TryGetValue(TraceHeader.Key, out var span) == true ? new Outbound(outbound, span) : outbound);
    }

    sealed class Outbound(WorkflowOutboundInterceptor next, Payload span) : WorkflowOutboundInterceptor(next)
    {
        public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) =>
            base.ScheduleActivityAsync<TResult>(input with { Headers = With(input.Headers) });

        public override Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input) =>
            base.ScheduleLocalActivityAsync<TResult>(input with { Headers = With(input.Headers) });

        Dictionary<string, Payload> With(IDictionary<string, Payload>? headers) =>
            new(headers ?? new Dictionary<string, Payload>()) { [TraceHeader.Key] = span };
    }

    sealed class Attempt(ActivityInboundInterceptor next, ActivitySource source) : ActivityInboundInterceptor(next)
    {
        public override async Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
        {
            if (!source.HasListeners()) return await base.ExecuteActivityAsync(input).ConfigureAwait(false);
            var info = Temporalio.Activities.ActivityExecutionContext.Current.Info;
            TraceHeader.TryRead(input.Headers, out var parent);
            using var span = source.StartActivity(info.ActivityType, ActivityKind.Consumer, parent);
            span?.SetTag("temporalWorkflowID", info.WorkflowId).SetTag("temporalRunID", info.WorkflowRunId)
                .SetTag("temporalActivityID", info.ActivityId).SetTag("logpipeline.attempt", info.Attempt);
            try
            {
                var result = await base.ExecuteActivityAsync(input).ConfigureAwait(false);
                if (result is WriteReceipt receipt) span?.SetTag("logpipeline.records", receipt.RecordCount);
                return result;
            }
            catch (Exception e)
            {
                span?.SetStatus(ActivityStatusCode.Error, e.Message).AddException(e);
                throw;
            }
        }
    }
}
