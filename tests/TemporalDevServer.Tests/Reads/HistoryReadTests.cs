using Grpc.Core;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Reads;

/// <summary>History by pages, backwards, and as it grows.</summary>
public sealed class HistoryReadTests
{
    readonly EngineRig _rig = new();

    [Fact]
    public void ThePagesAreOfTheRunThatTheFirstOneWasOf()
    {
        var first = _rig.Start("a");
        var page = Read(request => request.MaximumPageSize = 1);
        _rig.Terminate("a");
        _rig.Start("a").ShouldNotBe(first);

        var next = Read(request => (request.MaximumPageSize, request.NextPageToken) = (10, page.NextPageToken));

        Types(next).ShouldBe([EventType.WorkflowTaskScheduled, EventType.WorkflowExecutionTerminated]);
        next.NextPageToken.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void BackwardsThePagesGoFromTheLastEventToTheFirst()
    {
        _rig.Start("a");
        for (var i = 0; i < 3; i++) _rig.Signal("a");
        var ids = new List<long>();
        var request = new GetWorkflowExecutionHistoryReverseRequest
        {
            Namespace = "default", Execution = new() { WorkflowId = "a" }, MaximumPageSize = 2,
        };
        do
        {
            var page = _rig.Call<GetWorkflowExecutionHistoryReverseResponse>(request);
            page.History.Events.Count.ShouldBeInRange(1, 2);
            ids.AddRange(page.History.Events.Select(e => e.EventId));
            request.NextPageToken = page.NextPageToken;
        }
        while (!request.NextPageToken.IsEmpty && ids.Count < 10);
        ids.ShouldBe([5, 4, 3, 2, 1]);
    }

    [Fact]
    public void WhoWaitsGetsEachNewEventOnceAndThenTheEnd()
    {
        _rig.Start("a");
        var soFar = Read(request => request.WaitNewEvent = true);
        Types(soFar).ShouldBe([EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled]);

        var waiting = _rig.Begin(
            Request(request => (request.WaitNewEvent, request.NextPageToken) = (true, soFar.NextPageToken)));
        _rig.ReplyTo(waiting).ShouldBeNull();
        _rig.Signal("a");
        var grown = _rig.Answer<GetWorkflowExecutionHistoryResponse>(waiting);
        Types(grown).ShouldBe([EventType.WorkflowExecutionSignaled]);

        _rig.Terminate("a");
        var last = Read(request => (request.WaitNewEvent, request.NextPageToken) = (true, grown.NextPageToken));
        Types(last).ShouldBe([EventType.WorkflowExecutionTerminated]);
        last.NextPageToken.IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public void WhoHasWaitedLongEnoughGetsATokenToGoOn()
    {
        _rig.Start("a");
        var soFar = Read(request => request.WaitNewEvent = true);
        var waiting = _rig.Begin(
            Request(request => (request.WaitNewEvent, request.NextPageToken) = (true, soFar.NextPageToken)));

        _rig.Step(new ExpireInput(waiting));

        var nothing = _rig.Answer<GetWorkflowExecutionHistoryResponse>(waiting);
        nothing.History.Events.ShouldBeEmpty();
        _rig.Signal("a");
        var next = Read(request => (request.WaitNewEvent, request.NextPageToken) = (true, nothing.NextPageToken));
        Types(next).ShouldBe([EventType.WorkflowExecutionSignaled]);
    }

    [Fact]
    public void WhoWaitsForTheEndIsNotAnsweredBefore()
    {
        _rig.Start("a");
        var waiting = _rig.Begin(Request(request =>
            (request.WaitNewEvent, request.HistoryEventFilterType) = (true, HistoryEventFilterType.CloseEvent)));
        _rig.Signal("a");
        _rig.ReplyTo(waiting).ShouldBeNull();
        _rig.Terminate("a");
        Types(_rig.Answer<GetWorkflowExecutionHistoryResponse>(waiting)).ShouldBe(
            [EventType.WorkflowExecutionTerminated]);
    }

    [Fact]
    public void WhoWaitsForAWorkflowThatIsDeletedIsRefused()
    {
        _rig.Start("a");
        var waiting = _rig.Begin(Request(request =>
            (request.WaitNewEvent, request.HistoryEventFilterType) = (true, HistoryEventFilterType.CloseEvent)));
        var abandoned = _rig.Begin(Request(request =>
            (request.WaitNewEvent, request.HistoryEventFilterType) = (true, HistoryEventFilterType.CloseEvent)));
        _rig.Step(new AbandonInput(abandoned));
        _rig.Call<DeleteWorkflowExecutionResponse>(
            new DeleteWorkflowExecutionRequest
            {
                Namespace = "default",
                WorkflowExecution = new() { WorkflowId = "a" },
            });
        _rig.ReplyTo(waiting).ShouldNotBeNull().Error.ShouldNotBeNull().Code.ShouldBe(StatusCode.NotFound);
        _rig.ReplyTo(abandoned).ShouldBeNull();
        Should.Throw<ServiceError>(() => Read(_ => { })).Code.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public void WhoWaitsForAnUpdateGetsItsStage()
    {
        _rig.Start("a");
        var update = _rig.Begin(new UpdateWorkflowExecutionRequest
        {
            Namespace = "default", WorkflowExecution = new() { WorkflowId = "a" },
            WaitPolicy = new() { LifecycleStage = UpdateWorkflowExecutionLifecycleStage.Completed },
            Request = new() { Meta = new() { UpdateId = "u" }, Input = new() { Name = "u" } },
        });
        var poll = _rig.Begin(new PollWorkflowExecutionUpdateRequest
        {
            Namespace = "default", UpdateRef = new() { WorkflowExecution = new() { WorkflowId = "a" }, UpdateId = "u" },
            WaitPolicy = new() { LifecycleStage = UpdateWorkflowExecutionLifecycleStage.Completed },
        });

        _rig.Step(new ExpireInput(update));
        _rig.Step(new ExpireInput(poll));

        _rig.Answer<UpdateWorkflowExecutionResponse>(update).Stage.ShouldBe(
            UpdateWorkflowExecutionLifecycleStage.Admitted);
        _rig.Answer<PollWorkflowExecutionUpdateResponse>(poll).Stage.ShouldBe(
            UpdateWorkflowExecutionLifecycleStage.Admitted);
    }

    GetWorkflowExecutionHistoryResponse Read(Action<GetWorkflowExecutionHistoryRequest> with) =>
        _rig.Call<GetWorkflowExecutionHistoryResponse>(Request(with));

    static GetWorkflowExecutionHistoryRequest Request(Action<GetWorkflowExecutionHistoryRequest> with)
    {
        var request = new GetWorkflowExecutionHistoryRequest
        {
            Namespace = "default",
            Execution = new() { WorkflowId = "a" },
        };
        with(request);
        return request;
    }

    static EventType[] Types(GetWorkflowExecutionHistoryResponse page) =>
        [.. page.History.Events.Select(e => e.EventType)];
}
