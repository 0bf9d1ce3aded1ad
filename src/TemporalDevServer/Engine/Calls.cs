using Temporalio.Api.OperatorService.V1;

namespace TemporalDevServer.Engine;

/// <summary>One call of Temporal's services, as this server has it.</summary>
/// <param name="Number">Under which journals hold it; 0: it changes nothing, so that no journal does.</param>
/// <param name="Parser">Reads its request.</param>
/// <param name="Answer">What answers it.</param>
/// <param name="Wait">After this the call is answered with what there is; null: it is answered at once.</param>
/// <param name="Held">
/// Whether a caller whose deadline is shorter than <paramref name="Wait"/> is left to it; others are answered just
/// before. A client asks again for an update that it is told of too early, so that its deadline would never come.
/// </param>
sealed record Call(int Number, MessageParser Parser, Answer Answer, TimeSpan? Wait, bool Held);

/// <summary>The reply to a request; null when the call has been answered already, or waits.</summary>
delegate IMessage? Answer(EngineParts parts, long callId, IMessage request);

/// <summary>
/// All calls that this server has; adding one is adding its line. A call is known by the type of its request.
/// </summary>
static class Calls
{
    static readonly TimeSpan PollWait = TimeSpan.FromSeconds(60);
    static readonly TimeSpan LongPollWait = TimeSpan.FromSeconds(20);

    static readonly Dictionary<Type, Call> ByRequest = new();
    static readonly Dictionary<int, Call> ByNumber = new();

    static Calls()
    {
        // The numbers stand in journals: they are never given to another call.
        Kept<StartWorkflowExecutionRequest>(1, (parts, r) => parts.Starts.Start(r));
        Kept<SignalWorkflowExecutionRequest>(2, (parts, r) => parts.Signals.Signal(r));
        Kept<SignalWithStartWorkflowExecutionRequest>(3, (parts, r) => parts.Starts.SignalWithStart(r));
        Kept<RequestCancelWorkflowExecutionRequest>(4, (parts, r) => parts.CancelRequests.Request(r));
        Kept<TerminateWorkflowExecutionRequest>(5, (parts, r) => parts.Terminations.Terminate(r));
        Kept<DeleteWorkflowExecutionRequest>(6, (parts, r) => parts.Terminations.Delete(r));
        Kept<ResetStickyTaskQueueRequest>(7, (parts, r) => parts.WorkflowTasks.ResetSticky(r));
        Waits<PollWorkflowTaskQueueRequest>(8, PollWait, (parts, id, r) => parts.WorkflowTasks.Poll(id, r));
        Kept<RespondWorkflowTaskCompletedRequest>(9, (parts, r) => parts.Completions.Complete(r));
        Kept<RespondWorkflowTaskFailedRequest>(10, (parts, r) => parts.WorkflowTasks.Fail(r));
        Waits<PollActivityTaskQueueRequest>(11, PollWait, (parts, id, r) => parts.Activities.Poll(id, r));
        Kept<RespondActivityTaskCompletedRequest>(12, (parts, r) => parts.ActivityReports.Completed(r));
        Kept<RespondActivityTaskCompletedByIdRequest>(13, (parts, r) => parts.ActivityReports.CompletedById(r));
        Kept<RespondActivityTaskFailedRequest>(14, (parts, r) => parts.ActivityReports.Failed(r));
        Kept<RespondActivityTaskFailedByIdRequest>(15, (parts, r) => parts.ActivityReports.FailedById(r));
        Kept<RespondActivityTaskCanceledRequest>(16, (parts, r) => parts.ActivityReports.Canceled(r));
        Kept<RespondActivityTaskCanceledByIdRequest>(17, (parts, r) => parts.ActivityReports.CanceledById(r));
        Kept<RecordActivityTaskHeartbeatRequest>(18, (parts, r) => parts.ActivityReports.Heartbeat(r));
        Kept<RecordActivityTaskHeartbeatByIdRequest>(19, (parts, r) => parts.ActivityReports.HeartbeatById(r));
        Waits<QueryWorkflowRequest>(20, PollWait, (parts, id, r) => parts.Queries.Query(id, r));
        Kept<RespondQueryTaskCompletedRequest>(21, (parts, r) => parts.Queries.Answered(r));
        Waits<UpdateWorkflowExecutionRequest>(
            22, LongPollWait, (parts, id, r) => parts.Updates.Update(id, r), held: true);
        Waits<PollWorkflowExecutionUpdateRequest>(
            23, LongPollWait, (parts, id, r) => parts.Updates.Poll(id, r), held: true);
        Waits<ExecuteMultiOperationRequest>(
            24, LongPollWait, (parts, id, r) => parts.MultiOperations.Execute(id, r), held: true);
        Kept<ShutdownWorkerRequest>(25, (parts, r) => parts.WorkflowTasks.WorkerLeaves(r));
        Kept<RegisterNamespaceRequest>(26, (parts, r) => parts.Namespaces.Register(r));
        Kept<UpdateNamespaceRequest>(27, (parts, r) => parts.Namespaces.Update(r));
        Kept<AddSearchAttributesRequest>(28, (parts, r) => parts.Operators.Add(r));
        Kept<RemoveSearchAttributesRequest>(29, (parts, r) => parts.Operators.Remove(r));

        Waits<GetWorkflowExecutionHistoryRequest>(0, LongPollWait, (parts, id, r) => parts.Readers.Get(id, r));
        Asks<GetWorkflowExecutionHistoryReverseRequest>((parts, r) => parts.Readers.GetReverse(r));
        Asks<DescribeWorkflowExecutionRequest>((parts, r) => parts.Descriptions.Describe(r));
        Asks<ListWorkflowExecutionsRequest>((parts, r) => parts.Visibility.List(r));
        Asks<CountWorkflowExecutionsRequest>((parts, r) => parts.Visibility.Count(r));
        Asks<DescribeTaskQueueRequest>((parts, r) => parts.Descriptions.Describe(r));
        Asks<ListTaskQueuePartitionsRequest>((parts, r) => parts.Descriptions.Partitions(r));
        Asks<DescribeNamespaceRequest>((parts, r) => parts.Namespaces.Describe(r));
        Asks<ListNamespacesRequest>((parts, _) => parts.Namespaces.List());
        Asks<GetSystemInfoRequest>((_, _) => Server.SystemInfo());
        Asks<GetClusterInfoRequest>((parts, _) => Server.ClusterInfo(parts.State.ClusterId));
        Asks<ListClustersRequest>((parts, _) => Server.Clusters(parts.State.ClusterId));
        Asks<GetSearchAttributesRequest>((parts, _) => parts.Operators.KnownSearchAttributes());
        Asks<ListSearchAttributesRequest>((parts, r) => parts.Operators.List(r));

        // What these are about cannot be made here; tools ask, and workers tell, all the same.
        Empty<RecordWorkerHeartbeatRequest>(r => r.Namespace, new RecordWorkerHeartbeatResponse());
        Empty<ListSchedulesRequest>(r => r.Namespace, new ListSchedulesResponse());
        Empty<CountSchedulesRequest>(r => r.Namespace, new CountSchedulesResponse());
        Empty<ListBatchOperationsRequest>(r => r.Namespace, new ListBatchOperationsResponse());
        Empty<ListWorkersRequest>(r => r.Namespace, new ListWorkersResponse());
        Empty<ListWorkerDeploymentsRequest>(r => r.Namespace, new ListWorkerDeploymentsResponse());
        Empty<GetWorkerVersioningRulesRequest>(r => r.Namespace, new GetWorkerVersioningRulesResponse());
        Empty<GetWorkerBuildIdCompatibilityRequest>(r => r.Namespace, new GetWorkerBuildIdCompatibilityResponse());
        Asks<ListNexusEndpointsRequest>((_, _) => new ListNexusEndpointsResponse());
    }

    /// <summary>The call with this request; null: this server does not have it.</summary>
    public static Call? Of(Type request) => ByRequest.GetValueOrDefault(request);

    /// <summary>
    /// The call that journals hold under this number; null: no version of this server has written it.
    /// </summary>
    public static Call? Numbered(int number) => ByNumber.GetValueOrDefault(number);

    static void Kept<T>(int number, Func<EngineParts, T, IMessage> answer) where T : IMessage<T>, new() =>
        Add<T>(number, (parts, _, request) => answer(parts, (T)request));

    static void Asks<T>(Func<EngineParts, T, IMessage> answer) where T : IMessage<T>, new() =>
        Add<T>(0, (parts, _, request) => answer(parts, (T)request));

    static void Waits<T>(int number, TimeSpan wait, Action<EngineParts, long, T> begin, bool held = false)
        where T : IMessage<T>, new() =>
        Add<T>(number, (parts, callId, request) =>
        {
            begin(parts, callId, (T)request);
            return null;
        }, wait, held);

    static void Empty<T>(Func<T, string> namespaceOf, IMessage empty) where T : IMessage<T>, new() =>
        Asks<T>((parts, request) =>
        {
            parts.Namespaces.Get(namespaceOf(request));
            return empty;
        });

    static void Add<T>(int number, Answer answer, TimeSpan? wait = null, bool held = false) where T : IMessage<T>, new()
    {
        var call = new Call(number, new MessageParser<T>(() => new T()), answer, wait, held);
        ByRequest.Add(typeof(T), call);
        if (number != 0) ByNumber.Add(number, call);
    }
}
