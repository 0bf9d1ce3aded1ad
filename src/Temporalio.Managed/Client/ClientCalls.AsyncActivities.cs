using Google.Protobuf;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Client;

// Each operation has two calls: one by ids, one by task token.
sealed partial class ClientCalls
{
    public override async Task HeartbeatAsyncActivityAsync(HeartbeatAsyncActivityInput input)
    {
        var details = await StartRequests.PayloadsAsync(ActivityConverter(input.DataConverterOverride), input.Options?.Details).ConfigureAwait(false);
        var rpc = TemporalClient.DefaultRetryOptions(input.Options?.Rpc);
        bool canceled;
        if (input.Activity is AsyncActivityHandle.IdReference id)
        {
            var response = await Service.RecordActivityTaskHeartbeatByIdAsync(
                new()
                {
                    Namespace = Namespace, Identity = Identity, WorkflowId = id.WorkflowId, RunId = id.RunId ?? "", ActivityId = id.ActivityId,
                    Details = details,
                },
                rpc).ConfigureAwait(false);
            canceled = response.CancelRequested;
        }
        else
        {
            var response = await Service.RecordActivityTaskHeartbeatAsync(
                new() { Namespace = Namespace, Identity = Identity, TaskToken = Token(input.Activity), Details = details }, rpc).ConfigureAwait(false);
            canceled = response.CancelRequested;
        }
        if (canceled) throw new AsyncActivityCanceledException();
    }

    public override async Task CompleteAsyncActivityAsync(CompleteAsyncActivityInput input)
    {
        var result = await StartRequests.PayloadsAsync(ActivityConverter(input.DataConverterOverride), [input.Result]).ConfigureAwait(false);
        var rpc = TemporalClient.DefaultRetryOptions(input.Options?.Rpc);
        await (input.Activity is AsyncActivityHandle.IdReference id
            ? (Task)Service.RespondActivityTaskCompletedByIdAsync(
                new()
                {
                    Namespace = Namespace, Identity = Identity, WorkflowId = id.WorkflowId, RunId = id.RunId ?? "", ActivityId = id.ActivityId,
                    Result = result,
                },
                rpc)
            : Service.RespondActivityTaskCompletedAsync(
                new() { Namespace = Namespace, Identity = Identity, TaskToken = Token(input.Activity), Result = result }, rpc)).ConfigureAwait(false);
    }

    public override async Task FailAsyncActivityAsync(FailAsyncActivityInput input)
    {
        var converter = ActivityConverter(input.DataConverterOverride);
        var failure = await converter.ToFailureAsync(input.Exception).ConfigureAwait(false);
        var details = await StartRequests.PayloadsAsync(converter, input.Options?.LastHeartbeatDetails).ConfigureAwait(false);
        var rpc = TemporalClient.DefaultRetryOptions(input.Options?.Rpc);
        await (input.Activity is AsyncActivityHandle.IdReference id
            ? (Task)Service.RespondActivityTaskFailedByIdAsync(
                new()
                {
                    Namespace = Namespace, Identity = Identity, WorkflowId = id.WorkflowId, RunId = id.RunId ?? "", ActivityId = id.ActivityId,
                    Failure = failure, LastHeartbeatDetails = details,
                },
                rpc)
            : Service.RespondActivityTaskFailedAsync(
                new()
                {
                    Namespace = Namespace, Identity = Identity, TaskToken = Token(input.Activity),
                    Failure = failure, LastHeartbeatDetails = details,
                },
                rpc)).ConfigureAwait(false);
    }

    public override async Task ReportCancellationAsyncActivityAsync(ReportCancellationAsyncActivityInput input)
    {
        var details = await StartRequests.PayloadsAsync(ActivityConverter(input.DataConverterOverride), input.Options?.Details).ConfigureAwait(false);
        var rpc = TemporalClient.DefaultRetryOptions(input.Options?.Rpc);
        await (input.Activity is AsyncActivityHandle.IdReference id
            ? (Task)Service.RespondActivityTaskCanceledByIdAsync(
                new()
                {
                    Namespace = Namespace, Identity = Identity, WorkflowId = id.WorkflowId, RunId = id.RunId ?? "", ActivityId = id.ActivityId,
                    Details = details,
                },
                rpc)
            : Service.RespondActivityTaskCanceledAsync(
                new() { Namespace = Namespace, Identity = Identity, TaskToken = Token(input.Activity), Details = details }, rpc)).ConfigureAwait(false);
    }

    DataConverter ActivityConverter(DataConverter? given) => given ?? client.Options.DataConverter;

    static ByteString Token(AsyncActivityHandle.Reference activity) =>
        activity is AsyncActivityHandle.TaskTokenReference token
            ? ByteString.CopyFrom(token.TaskToken)
            : throw new ArgumentException("Unrecognized activity reference type");
}
