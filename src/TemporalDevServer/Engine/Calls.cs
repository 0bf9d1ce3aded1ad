using Temporalio.Api.OperatorService.V1;

namespace TemporalDevServer.Engine;

/// <summary>One call of Temporal's services, as this server has it.</summary>
/// <param name="Number">Under which journals hold it; 0: it changes nothing, so that no journal does.</param>
/// <param name="Parser">Reads its request.</param>
/// <param name="Answer">What answers it.</param>
/// <param name="Wait">After this the call is answered with what there is; null: it is answered at once.</param>
/// <param name="Held">
/// Whether a caller whose deadline is shorter than <paramref name="Wait"/> is left to it; others are answered just before.
/// A client asks again for an update that it is told of too early, so that its deadline would never come.
/// </param>
sealed record Call(int Number, MessageParser Parser, Answer Answer, TimeSpan? Wait, bool Held);

/// <summary>The reply to a request; null when the call has been answered already, or waits.</summary>
delegate IMessage? Answer(World world, long callId, IMessage request);

/// <summary>All calls that this server has; adding one is adding its line. A call is known by the type of its request.</summary>
static class Calls
{
    static readonly TimeSpan PollWait = TimeSpan.FromSeconds(60);
    static readonly TimeSpan LongPollWait = TimeSpan.FromSeconds(20);

    static readonly Dictionary<Type, Call> ByRequest = new();
    static readonly Dictionary<int, Call> ByNumber = new();

    static Calls()
    {
        // The numbers stand in journals: they are never given to another call.
        Kept<StartWorkflowExecutionRequest>(1, (world, r) => world.Starts.Start(r));
        Kept<SignalWorkflowExecutionRequest>(2, (world, r) => world.Signals.Signal(r));
        Kept<SignalWithStartWorkflowExecutionRequest>(3, (world, r) => world.Starts.SignalWithStart(r));
        Kept<RequestCancelWorkflowExecutionRequest>(4, (world, r) => world.Signals.RequestCancel(r));
        Kept<TerminateWorkflowExecutionRequest>(5, (world, r) => world.Closing.Terminate(r));
        Kept<DeleteWorkflowExecutionRequest>(6, (world, r) => world.Closing.Delete(r));
        Kept<ResetStickyTaskQueueRequest>(7, (world, r) => world.WorkflowTasks.ResetSticky(r));
        Waits<PollWorkflowTaskQueueRequest>(8, PollWait, (world, id, r) => world.WorkflowTasks.Poll(id, r));
        Kept<RespondWorkflowTaskCompletedRequest>(9, (world, r) => world.Completions.Complete(r));
        Kept<RespondWorkflowTaskFailedRequest>(10, (world, r) => world.WorkflowTasks.Fail(r));
        Waits<PollActivityTaskQueueRequest>(11, PollWait, (world, id, r) => world.Activities.Poll(id, r));
        Kept<RespondActivityTaskCompletedRequest>(12, (world, r) => world.ActivityReports.Completed(r));
        Kept<RespondActivityTaskCompletedByIdRequest>(13, (world, r) => world.ActivityReports.CompletedById(r));
        Kept<RespondActivityTaskFailedRequest>(14, (world, r) => world.ActivityReports.Failed(r));
        Kept<RespondActivityTaskFailedByIdRequest>(15, (world, r) => world.ActivityReports.FailedById(r));
        Kept<RespondActivityTaskCanceledRequest>(16, (world, r) => world.ActivityReports.Canceled(r));
        Kept<RespondActivityTaskCanceledByIdRequest>(17, (world, r) => world.ActivityReports.CanceledById(r));
        Kept<RecordActivityTaskHeartbeatRequest>(18, (world, r) => world.ActivityReports.Heartbeat(r));
        Kept<RecordActivityTaskHeartbeatByIdRequest>(19, (world, r) => world.ActivityReports.HeartbeatById(r));
        Waits<QueryWorkflowRequest>(20, PollWait, (world, id, r) => world.Queries.Query(id, r));
        Kept<RespondQueryTaskCompletedRequest>(21, (world, r) => world.Queries.Answered(r));
        Waits<UpdateWorkflowExecutionRequest>(22, LongPollWait, (world, id, r) => world.Updates.Update(id, r), held: true);
        Waits<PollWorkflowExecutionUpdateRequest>(23, LongPollWait, (world, id, r) => world.Updates.Poll(id, r), held: true);
        Waits<ExecuteMultiOperationRequest>(24, LongPollWait, (world, id, r) => world.MultiOperations.Execute(id, r), held: true);
        Kept<ShutdownWorkerRequest>(25, (world, r) => world.WorkflowTasks.WorkerLeaves(r));
        Kept<RegisterNamespaceRequest>(26, (world, r) => world.Namespaces.Register(r));
        Kept<UpdateNamespaceRequest>(27, (world, r) => world.Namespaces.Update(r));
        Kept<AddSearchAttributesRequest>(28, (world, r) => world.Operators.Add(r));
        Kept<RemoveSearchAttributesRequest>(29, (world, r) => world.Operators.Remove(r));

        Waits<GetWorkflowExecutionHistoryRequest>(0, LongPollWait, (world, id, r) => world.Readers.Get(id, r));
        Asks<GetWorkflowExecutionHistoryReverseRequest>((world, r) => world.Readers.GetReverse(r));
        Asks<DescribeWorkflowExecutionRequest>((world, r) => world.Descriptions.Describe(r));
        Asks<ListWorkflowExecutionsRequest>((world, r) => world.Visibility.List(r));
        Asks<CountWorkflowExecutionsRequest>((world, r) => world.Visibility.Count(r));
        Asks<DescribeTaskQueueRequest>((world, r) => world.Descriptions.Describe(r));
        Asks<ListTaskQueuePartitionsRequest>((world, r) => world.Descriptions.Partitions(r));
        Asks<DescribeNamespaceRequest>((world, r) => world.Namespaces.Describe(r));
        Asks<ListNamespacesRequest>((world, _) => world.Namespaces.List());
        Asks<GetSystemInfoRequest>((_, _) => Server.SystemInfo());
        Asks<GetClusterInfoRequest>((world, _) => Server.ClusterInfo(world.State.ClusterId));
        Asks<ListClustersRequest>((world, _) => Server.Clusters(world.State.ClusterId));
        Asks<GetSearchAttributesRequest>((world, _) => world.Operators.KnownSearchAttributes());
        Asks<ListSearchAttributesRequest>((world, r) => world.Operators.List(r));

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

    /// <summary>The call that journals hold under this number; null: no version of this server has written it.</summary>
    public static Call? Numbered(int number) => ByNumber.GetValueOrDefault(number);

    static void Kept<T>(int number, Func<World, T, IMessage> answer) where T : IMessage<T>, new() =>
        Add<T>(number, (world, _, request) => answer(world, (T)request));

    static void Asks<T>(Func<World, T, IMessage> answer) where T : IMessage<T>, new() =>
        Add<T>(0, (world, _, request) => answer(world, (T)request));

    static void Waits<T>(int number, TimeSpan wait, Action<World, long, T> begin, bool held = false) where T : IMessage<T>, new() =>
        Add<T>(number, (world, callId, request) =>
        {
            begin(world, callId, (T)request);
            return null;
        }, wait, held);

    static void Empty<T>(Func<T, string> namespaceOf, IMessage empty) where T : IMessage<T>, new() => Asks<T>((world, request) =>
    {
        world.Namespaces.Get(namespaceOf(request));
        return empty;
    });

    static void Add<T>(int number, Answer answer, TimeSpan? wait = null, bool held = false) where T : IMessage<T>, new()
    {
        var call = new Call(number, new MessageParser<T>(() => new T()), answer, wait, held);
        ByRequest.Add(typeof(T), call);
        if (number != 0) ByNumber.Add(number, call);
    }
}
