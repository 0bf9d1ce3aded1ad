using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Workflows;

namespace Temporalio.Client;

/// <summary>Everything that can be done with a workflow that was started.</summary>
/// <param name="Id">The workflow's id.</param>
/// <param name="RunId">The run that signals, queries, descriptions, cancellations and terminations go to. Null: the latest.</param>
/// <param name="ResultRunId">The run whose result is waited for. Null: the latest.</param>
/// <param name="FirstExecutionRunId">Cancellations and terminations only reach what began with this run. Null: anything of the id.</param>
public partial record WorkflowHandle(
    ITemporalClient Client, string Id, string? RunId = null, string? ResultRunId = null, string? FirstExecutionRunId = null)
{
    /// <summary>Waits for the end; see the other overload.</summary>
    public Task GetResultAsync(bool followRuns = true, RpcOptions? rpcOptions = null) =>
        GetResultAsync<ValueTuple>(followRuns, rpcOptions);

    /// <summary>Waits for the workflow's end, however long it takes, and returns its result.</summary>
    /// <param name="followRuns">Go on with the run that a run continued as, or was retried as.</param>
    /// <param name="rpcOptions">Of each call made while waiting. With a timeout, of that call's long poll, not of the whole wait.</param>
    /// <exception cref="Exceptions.WorkflowFailedException">It failed, was cancelled, terminated, or timed out; the inner exception says.</exception>
    /// <exception cref="Exceptions.WorkflowContinuedAsNewException">It continued as new, and was not to be followed.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public virtual async Task<TResult> GetResultAsync<TResult>(bool followRuns = true, RpcOptions? rpcOptions = null)
    {
        var converter = Client.Options.DataConverter.WithSerializationContext(
            new ISerializationContext.Workflow(Client.Options.Namespace, Id));
        var runId = ResultRunId;
        while (true)
        {
            var page = await Client.OutboundInterceptor.FetchWorkflowHistoryEventPageAsync(new(
                    Id, runId, 0, null, WaitNewEvent: true, HistoryEventFilterType.CloseEvent, SkipArchival: true,
                    TemporalClient.DefaultRetryOptions(rpcOptions)))
                .ConfigureAwait(false);
            if (page.Events.Count == 0) throw new InvalidOperationException("Event set unexpectedly empty");
            var outcome = await CloseOutcome<TResult>.ReadAsync(page.Events.Last(), followRuns, converter).ConfigureAwait(false);
            if (outcome.NextRunId is null) return outcome.Result!;
            runId = outcome.NextRunId;
        }
    }

    /// <summary>Sends a signal by a call of its handler.</summary>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public Task SignalAsync<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall, WorkflowSignalOptions? options = null)
    {
        var (method, args) = ExpressionUtil.ExtractCall(signalCall);
        return SignalAsync(WorkflowSignalDefinition.RetrieveName(method), args, options);
    }

    /// <summary>Sends a signal by name.</summary>
    public virtual Task SignalAsync(string signal, IReadOnlyCollection<object?> args, WorkflowSignalOptions? options = null) =>
        Client.OutboundInterceptor.SignalWorkflowAsync(new(Id, RunId, signal, args, options, null));

    /// <summary>Asks a query by a call of its handler, or by reading its property.</summary>
    /// <exception cref="Exceptions.WorkflowQueryFailedException">The handler threw.</exception>
    /// <exception cref="Exceptions.WorkflowQueryRejectedException">The workflow's state does not allow queries.</exception>
    /// <exception cref="Exceptions.RpcException">The server refused.</exception>
    public Task<TQueryResult> QueryAsync<TWorkflow, TQueryResult>(
        Expression<Func<TWorkflow, TQueryResult>> queryCall, WorkflowQueryOptions? options = null)
    {
        if (ExpressionUtil.ExtractMemberAccess(queryCall) is { } member)
            return member is PropertyInfo property
                ? QueryAsync<TQueryResult>(WorkflowQueryDefinition.FromProperty(property).Name!, [], options)
                : throw new ArgumentException("Expression must be a single method call or property access");
        var (method, args) = ExpressionUtil.ExtractCall(queryCall, propertyToo: true);
        return QueryAsync<TQueryResult>(WorkflowQueryDefinition.RetrieveName(method), args, options);
    }

    /// <summary>Asks a query by name.</summary>
    public virtual Task<TQueryResult> QueryAsync<TQueryResult>(
        string query, IReadOnlyCollection<object?> args, WorkflowQueryOptions? options = null) =>
        Client.OutboundInterceptor.QueryWorkflowAsync<TQueryResult>(new(Id, RunId, query, args, options, null));

    /// <exception cref="Exceptions.RpcException">The server refused; NotFound: there is no such workflow.</exception>
    public virtual Task<WorkflowExecutionDescription> DescribeAsync(WorkflowDescribeOptions? options = null) =>
        Client.OutboundInterceptor.DescribeWorkflowAsync(new(Id, RunId, options));

    /// <summary>Asks the workflow to cancel itself; returns before it does.</summary>
    public virtual Task CancelAsync(WorkflowCancelOptions? options = null) =>
        Client.OutboundInterceptor.CancelWorkflowAsync(new(Id, RunId, FirstExecutionRunId, options));

    /// <summary>Ends the workflow at once; it learns nothing of it.</summary>
    public virtual Task TerminateAsync(string? reason = null, WorkflowTerminateOptions? options = null) =>
        Client.OutboundInterceptor.TerminateWorkflowAsync(new(Id, RunId, FirstExecutionRunId, reason, options));

    /// <summary>The history as it is now; <see cref="WorkflowHistoryEventFetchOptions.WaitNewEvent"/> is not looked at.</summary>
    public virtual async Task<WorkflowHistory> FetchHistoryAsync(WorkflowHistoryEventFetchOptions? options = null)
    {
        if (options is { WaitNewEvent: true })
        {
            options = (WorkflowHistoryEventFetchOptions)options.Clone();
            options.WaitNewEvent = false;
        }
        var events = new List<HistoryEvent>();
        await foreach (var each in FetchHistoryEventsAsync(options).ConfigureAwait(false)) events.Add(each);
        return new(Id, events);
    }

    /// <summary>The events one by one, page after page.</summary>
    public virtual IAsyncEnumerable<HistoryEvent> FetchHistoryEventsAsync(WorkflowHistoryEventFetchOptions? options = null) =>
        FetchEventsAsync(options ?? new());

    async IAsyncEnumerable<HistoryEvent> FetchEventsAsync(
        WorkflowHistoryEventFetchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (rpc, both) = TemporalClient.DefaultRetryOptions(options.Rpc).WithAdditionalCancellationToken(cancellationToken);
        using (both)
        {
            byte[]? token = null;
            do
            {
                var page = await Client.OutboundInterceptor.FetchWorkflowHistoryEventPageAsync(new(
                        Id, RunId, 0, token, options.WaitNewEvent, options.EventFilterType, options.SkipArchival, rpc))
                    .ConfigureAwait(false);
                foreach (var each in page.Events) yield return each;
                token = page.NextPageToken;
            }
            while (token is not null);
        }
    }
}

/// <summary>A handle that knows the workflow's class.</summary>
public partial record WorkflowHandle<TWorkflow>(
    ITemporalClient Client, string Id, string? RunId = null, string? ResultRunId = null, string? FirstExecutionRunId = null)
    : WorkflowHandle(Client, Id, RunId, ResultRunId, FirstExecutionRunId)
{
    /// <inheritdoc cref="WorkflowHandle.SignalAsync{TWorkflow}"/>
    public Task SignalAsync(Expression<Func<TWorkflow, Task>> signalCall, WorkflowSignalOptions? options = null) =>
        SignalAsync<TWorkflow>(signalCall, options);

    /// <inheritdoc cref="WorkflowHandle.QueryAsync{TWorkflow, TQueryResult}"/>
    public Task<TQueryResult> QueryAsync<TQueryResult>(
        Expression<Func<TWorkflow, TQueryResult>> queryCall, WorkflowQueryOptions? options = null) =>
        QueryAsync<TWorkflow, TQueryResult>(queryCall, options);
}

/// <summary>A handle that knows the workflow's class and result.</summary>
public record WorkflowHandle<TWorkflow, TResult>(
    ITemporalClient Client, string Id, string? RunId = null, string? ResultRunId = null, string? FirstExecutionRunId = null)
    : WorkflowHandle<TWorkflow>(Client, Id, RunId, ResultRunId, FirstExecutionRunId)
{
    /// <inheritdoc cref="WorkflowHandle.GetResultAsync{TResult}"/>
    public new Task<TResult> GetResultAsync(bool followRuns = true, RpcOptions? rpcOptions = null) =>
        GetResultAsync<TResult>(followRuns, rpcOptions);
}
