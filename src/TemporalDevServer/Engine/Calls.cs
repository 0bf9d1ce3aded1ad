using Temporalio.Api.OperatorService.V1;

namespace TemporalDevServer.Engine;

/// <summary>One call of Temporal's services, as this server has it.</summary>
/// <param name="Number">Its number in journals; 0: it changes nothing and is in no journal.</param>
/// <param name="Parser">Reads its request.</param>
/// <param name="Handler">Answers it.</param>
/// <param name="Wait">After this the call is answered with what there is; null: it is answered at once.</param>
/// <param name="Held">
/// Whether a caller's deadline that is shorter than <paramref name="Wait"/> is left to expire; others are answered just
/// before. A client repeats the call for an update that is answered too early, so its deadline would never come.
/// </param>
sealed record Call(int Number, MessageParser Parser, CallHandler Handler, TimeSpan? Wait, bool Held);

/// <summary>The reply to a request; null when the call has been answered already, or waits.</summary>
delegate IMessage? CallHandler(EngineParts parts, long callId, IMessage request);

/// <summary>
/// All calls that this server implements, one line each. A call is found by the type of its request.
/// </summary>
static class Calls
{
    static readonly TimeSpan PollWait = TimeSpan.FromSeconds(60);
    static readonly TimeSpan LongPollWait = TimeSpan.FromSeconds(20);

    static readonly Dictionary<Type, Call> ByRequest = new();
    static readonly Dictionary<int, Call> ByNumber = new();

    static Calls()
    {
        // The numbers are in journals: a number is never given to another call.
        Journaled<StartWorkflowExecutionRequest>(1, (parts, r) => parts.Starts.Start(r));
        Journaled<SignalWorkflowExecutionRequest>(2, (parts, r) => parts.Signals.Signal(r));
        Journaled<SignalWithStartWorkflowExecutionRequest>(3, (parts, r) => parts.Starts.SignalWithStart(r));
        Journaled<RequestCancelWorkflowExecutionRequest>(4, (parts, r) => parts.CancelRequests.Request(r));
        Journaled<TerminateWorkflowExecutionRequest>(5, (parts, r) => parts.Terminations.Terminate(r));
        Journaled<DeleteWorkflowExecutionRequest>(6, (parts, r) => parts.Terminations.Delete(r));
        Journaled<ResetStickyTaskQueueRequest>(7, (parts, r) => parts.WorkflowTasks.ResetSticky(r));
        Waiting<PollWorkflowTaskQueueRequest>(8, PollWait, (parts, id, r) => parts.WorkflowTasks.Poll(id, r));
        Journaled<RespondWorkflowTaskCompletedRequest>(9, (parts, r) => parts.Completions.Complete(r));
        Journaled<RespondWorkflowTaskFailedRequest>(10, (parts, r) => parts.WorkflowTasks.Fail(r));
        Waiting<PollActivityTaskQueueRequest>(11, PollWait, (parts, id, r) => parts.Activities.Poll(id, r));
        Journaled<RespondActivityTaskCompletedRequest>(12, (parts, r) => parts.ActivityReports.Completed(r));
        Journaled<RespondActivityTaskCompletedByIdRequest>(13, (parts, r) => parts.ActivityReports.CompletedById(r));
        Journaled<RespondActivityTaskFailedRequest>(14, (parts, r) => parts.ActivityReports.Failed(r));
        Journaled<RespondActivityTaskFailedByIdRequest>(15, (parts, r) => parts.ActivityReports.FailedById(r));
        Journaled<RespondActivityTaskCanceledRequest>(16, (parts, r) => parts.ActivityReports.Canceled(r));
        Journaled<RespondActivityTaskCanceledByIdRequest>(17, (parts, r) => parts.ActivityReports.CanceledById(r));
        Journaled<RecordActivityTaskHeartbeatRequest>(18, (parts, r) => parts.ActivityReports.Heartbeat(r));
        Journaled<RecordActivityTaskHeartbeatByIdRequest>(19, (parts, r) => parts.ActivityReports.HeartbeatById(r));
        Waiting<QueryWorkflowRequest>(20, PollWait, (parts, id, r) => parts.Queries.Query(id, r));
        Journaled<RespondQueryTaskCompletedRequest>(21, (parts, r) => parts.Queries.Answered(r));
        Waiting<UpdateWorkflowExecutionRequest>(
            22, LongPollWait, (parts, id, r) => parts.Updates.Update(id, r), held: true);
        Waiting<PollWorkflowExecutionUpdateRequest>(
            23, LongPollWait, (parts, id, r) => parts.Updates.Poll(id, r), held: true);
        Waiting<ExecuteMultiOperationRequest>(
            24, LongPollWait, (parts, id, r) => parts.MultiOperations.Execute(id, r), held: true);
        Journaled<ShutdownWorkerRequest>(25, (parts, r) => parts.WorkflowTasks.ShutdownWorker(r));
        Journaled<RegisterNamespaceRequest>(26, (parts, r) => parts.Namespaces.Register(r));
        Journaled<UpdateNamespaceRequest>(27, (parts, r) => parts.Namespaces.Update(r));
        Journaled<AddSearchAttributesRequest>(28, (parts, r) => parts.SearchAttributes.Add(r));
        Journaled<RemoveSearchAttributesRequest>(29, (parts, r) => parts.SearchAttributes.Remove(r));

        Waiting<GetWorkflowExecutionHistoryRequest>(0, LongPollWait, (parts, id, r) => parts.HistoryReader.Get(id, r));
        ReadOnly<GetWorkflowExecutionHistoryReverseRequest>((parts, r) => parts.HistoryReader.GetReverse(r));
        ReadOnly<DescribeWorkflowExecutionRequest>((parts, r) => parts.Descriptions.Describe(r));
        ReadOnly<ListWorkflowExecutionsRequest>((parts, r) => parts.Visibility.List(r));
        ReadOnly<CountWorkflowExecutionsRequest>((parts, r) => parts.Visibility.Count(r));
        ReadOnly<DescribeTaskQueueRequest>((parts, r) => parts.Descriptions.Describe(r));
        ReadOnly<ListTaskQueuePartitionsRequest>((parts, r) => parts.Descriptions.Partitions(r));
        ReadOnly<DescribeNamespaceRequest>((parts, r) => parts.Namespaces.Describe(r));
        ReadOnly<ListNamespacesRequest>((parts, r) => parts.Namespaces.List(r));
        ReadOnly<GetSystemInfoRequest>((_, _) => ServerInfo.SystemInfo());
        ReadOnly<GetClusterInfoRequest>((parts, _) => ServerInfo.ClusterInfo(parts.State.ClusterId));
        OnePage<ListClustersRequest>(r => r.NextPageToken, (parts, _) => ServerInfo.Clusters(parts.State.ClusterId));
        ReadOnly<GetSearchAttributesRequest>((parts, _) => parts.SearchAttributes.KnownSearchAttributes());
        ReadOnly<ListSearchAttributesRequest>((parts, r) => parts.SearchAttributes.List(r));

        // Their features are not implemented here; tools and workers call them all the same.
        EmptyList<RecordWorkerHeartbeatRequest>(r => r.Namespace, new RecordWorkerHeartbeatResponse());
        EmptyList<ListSchedulesRequest>(r => r.Namespace, r => r.NextPageToken, new ListSchedulesResponse());
        EmptyList<CountSchedulesRequest>(r => r.Namespace, new CountSchedulesResponse());
        EmptyList<ListBatchOperationsRequest>(r => r.Namespace, r => r.NextPageToken, new ListBatchOperationsResponse());
        EmptyList<ListWorkersRequest>(r => r.Namespace, r => r.NextPageToken, new ListWorkersResponse());
        EmptyList<ListWorkerDeploymentsRequest>(r => r.Namespace, r => r.NextPageToken, new ListWorkerDeploymentsResponse());
        EmptyList<GetWorkerVersioningRulesRequest>(r => r.Namespace, new GetWorkerVersioningRulesResponse());
        EmptyList<GetWorkerBuildIdCompatibilityRequest>(r => r.Namespace, new GetWorkerBuildIdCompatibilityResponse());
        OnePage<ListNexusEndpointsRequest>(r => r.NextPageToken, (_, _) => new ListNexusEndpointsResponse());
    }

    /// <summary>The call with this request; null: this server does not have it.</summary>
    public static Call? Of(Type request) => ByRequest.GetValueOrDefault(request);

    /// <summary>
    /// The call that journals hold under this number; null: no version of this server has written it.
    /// </summary>
    public static Call? Numbered(int number) => ByNumber.GetValueOrDefault(number);

    static void Journaled<T>(int number, Func<EngineParts, T, IMessage> answer) where T : IMessage<T>, new() =>
        Add<T>(number, (parts, _, request) => answer(parts, (T)request));

    static void ReadOnly<T>(Func<EngineParts, T, IMessage> answer) where T : IMessage<T>, new() =>
        Add<T>(0, (parts, _, request) => answer(parts, (T)request));

    static void Waiting<T>(int number, TimeSpan wait, Action<EngineParts, long, T> begin, bool held = false)
        where T : IMessage<T>, new() =>
        Add<T>(number, (parts, callId, request) =>
        {
            begin(parts, callId, (T)request);
            return null;
        }, wait, held);

    static void OnePage<T>(Func<T, ByteString> pageOf, Func<EngineParts, T, IMessage> answer)
        where T : IMessage<T>, new() =>
        ReadOnly<T>((parts, request) =>
        {
            CallTokens.CheckNoPage(pageOf(request));
            return answer(parts, request);
        });

    static void EmptyList<T>(Func<T, string> namespaceOf, Func<T, ByteString> pageOf, IMessage empty)
        where T : IMessage<T>, new() =>
        OnePage(pageOf, (parts, request) =>
        {
            parts.Namespaces.Get(namespaceOf(request));
            return empty;
        });

    static void EmptyList<T>(Func<T, string> namespaceOf, IMessage empty) where T : IMessage<T>, new() =>
        ReadOnly<T>((parts, request) =>
        {
            parts.Namespaces.Get(namespaceOf(request));
            return empty;
        });

    static void Add<T>(int number, CallHandler handler, TimeSpan? wait = null, bool held = false)
        where T : IMessage<T>, new()
    {
        var call = new Call(number, new MessageParser<T>(() => new T()), handler, wait, held);
        ByRequest.Add(typeof(T), call);
        if (number != 0) ByNumber.Add(number, call);
    }
}
