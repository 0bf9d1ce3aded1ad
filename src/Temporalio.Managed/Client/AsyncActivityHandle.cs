using Temporalio.Converters;

namespace Temporalio.Client;

/// <summary>
/// Ends an activity from outside: one that threw <see cref="Activities.CompleteAsyncException"/>, or whose worker is gone.
/// Every call throws <see cref="Exceptions.RpcException"/> with NotFound when the server no longer waits for the activity.
/// </summary>
/// <param name="Activity">By task token, or by ids.</param>
public record AsyncActivityHandle(ITemporalClient Client, AsyncActivityHandle.Reference Activity) : IWithSerializationContext<AsyncActivityHandle>
{
    /// <summary>Null: the client's.</summary>
    public DataConverter? DataConverterOverride { get; init; }

    /// <summary>Tells the server that the activity is alive. Sent at once: nothing throttles it.</summary>
    /// <exception cref="Exceptions.AsyncActivityCanceledException">
    /// The activity is to be cancelled; answer with <see cref="ReportCancellationAsync"/>.
    /// </exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public Task HeartbeatAsync(AsyncActivityHeartbeatOptions? options = null) =>
        Client.OutboundInterceptor.HeartbeatAsyncActivityAsync(new(Activity, options, DataConverterOverride));

    /// <summary>Ends the activity with a result.</summary>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public Task CompleteAsync(object? result = null, AsyncActivityCompleteOptions? options = null) =>
        Client.OutboundInterceptor.CompleteAsyncActivityAsync(new(Activity, result, options, DataConverterOverride));

    /// <summary>Fails the attempt; the activity's retry policy decides what follows.</summary>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public Task FailAsync(Exception exception, AsyncActivityFailOptions? options = null) =>
        Client.OutboundInterceptor.FailAsyncActivityAsync(new(Activity, exception, options, DataConverterOverride));

    /// <summary>Ends the activity as cancelled. The server refuses it when nobody asked for a cancellation.</summary>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public Task ReportCancellationAsync(AsyncActivityReportCancellationOptions? options = null) =>
        Client.OutboundInterceptor.ReportCancellationAsyncActivityAsync(new(Activity, options, DataConverterOverride));

    /// <summary>A handle whose converter knows the place; this very handle when the converter does not care.</summary>
    public AsyncActivityHandle WithSerializationContext(ISerializationContext context)
    {
        var converter = DataConverterOverride ?? Client.Options.DataConverter;
        var aware = converter.WithSerializationContext(context);
        return ReferenceEquals(converter, aware) ? this : this with { DataConverterOverride = aware };
    }

    /// <summary>Which activity: <see cref="IdReference"/> or <see cref="TaskTokenReference"/>.</summary>
    public abstract record Reference
    {
        private protected Reference()
        {
        }
    }

    /// <summary>An activity by its workflow and its own id.</summary>
    /// <param name="RunId">Null: the workflow's latest run.</param>
    public record IdReference(string WorkflowId, string? RunId, string ActivityId) : Reference;

    /// <summary>An activity by the token that the activity itself was given: <see cref="Temporalio.Activities.ActivityInfo.TaskToken"/>.</summary>
    /// <param name="TaskToken"><see cref="Activities.ActivityInfo.TaskToken"/>; it stands for one attempt.</param>
    public record TaskTokenReference(byte[] TaskToken) : Reference;
}
