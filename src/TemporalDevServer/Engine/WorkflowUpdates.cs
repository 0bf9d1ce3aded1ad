using Temporalio.Api.Failure.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using Stage = TemporalDevServer.Engine.State.UpdateState.Types.Stage;
using StageReached = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace TemporalDevServer.Engine;

// An update, from its caller to its outcome:
//
//   admitted ──task starts──▶ sent ──▶ accepted (event) ──▶ completed (event)
//                               └────▶ rejected (no event): as if it had never been
//
// A task that fails or times out sends it again with the next one.

/// <summary>Updates: taken from callers, sent to workers beside workflow tasks, answered by their messages.</summary>
sealed class WorkflowUpdates(
    IdSource ids, NamespaceRegistry namespaces, RunIndex runs, HistoryBuilder history, WorkflowTasks tasks,
    UpdateWaiters waiters)
{
    const string NotProcessed =
        "Workflow Update is rejected because it wasn't processed by worker. "
        + "Probably, Workflow Update is not supported by the worker.";

    Dictionary<string, Message> _messages = [];

    public void Update(long callId, UpdateWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var run = GetRun(ns, request);
        Admit(run, request, new UpdateWaiter
        {
            CallId = callId,
            ForCompletion = UpdateWaiters.WaitsForCompletion(request.WaitPolicy),
        });
    }

    /// <summary>The run that the request names; it is checked for everything but the update's own fate.</summary>
    Run GetRun(Namespace ns, UpdateWorkflowExecutionRequest request)
    {
        Check(request);
        var run = runs.Get(ns, request.WorkflowExecution);
        RunIndex.CheckFirstRun(run, request.FirstExecutionRunId);
        return run;
    }

    public static void Check(UpdateWorkflowExecutionRequest request)
    {
        if (request.Request?.Input is null || request.Request.Input.Name.Length == 0)
            throw ServiceError.Invalid("Update.Input.Name is not set on request.");
        if (request.WaitPolicy?.LifecycleStage == StageReached.Admitted)
            throw ServiceError.Invalid("Wait stage ADMITTED is not supported: wait for ACCEPTED or COMPLETED.");
        Limits.CheckId("UpdateID", request.Request.Meta?.UpdateId ?? "");
        Limits.CheckSize("UpdateWorkflowExecutionRequest.Request.Input", request.Request.Input.Args);
    }

    public void Admit(Run run, UpdateWorkflowExecutionRequest request, UpdateWaiter waiter)
    {
        var asked = request.Request.Clone();
        asked.Meta ??= new Meta();
        if (asked.Meta.UpdateId.Length == 0) asked.Meta.UpdateId = ids.NewId();
        var update = run.State.Updates.FirstOrDefault(each => each.Id == asked.Meta.UpdateId) ?? New(run, asked);
        waiters.Add(run, update, waiter);
        if (update.Stage == Stage.Admitted) tasks.Schedule(run, speculative: true);
    }

    UpdateState New(Run run, Request asked)
    {
        if (!run.IsOpen) throw ServiceError.Completed();
        if (run.State.Updates.Count >= Limits.UpdatesMax)
            throw new ServiceError(
                StatusCode.FailedPrecondition,
                "The limit on the total number of distinct updates in this workflow has been reached "
                + $"({Limits.UpdatesMax}). "
                + "Make sure any duplicate updates share an Update ID so the server can deduplicate them.");
        if (run.State.Updates.Count(each => each.Stage != Stage.Completed) >= Limits.UpdatesInFlightMax)
            throw ServiceError.TooMuch(
                $"limit on number of concurrent in-flight updates has been reached ({Limits.UpdatesInFlightMax})",
                ResourceExhaustedCause.ConcurrentLimit);
        var update = new UpdateState { Id = asked.Meta.UpdateId, Request = asked };
        run.State.Updates.Add(update);
        runs.Touch(run);
        return update;
    }

    public void Poll(long callId, PollWorkflowExecutionUpdateRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        if (request.UpdateRef is null || request.UpdateRef.UpdateId.Length == 0)
            throw ServiceError.Invalid("UpdateRef is not set on request.");
        var run = runs.Get(ns, request.UpdateRef.WorkflowExecution);
        var update = run.State.Updates.FirstOrDefault(each => each.Id == request.UpdateRef.UpdateId)
            ?? throw ServiceError.NotFound($"update {request.UpdateRef.UpdateId} not found");
        var waiter = new UpdateWaiter
        {
            CallId = callId,
            ForCompletion = UpdateWaiters.WaitsForCompletion(request.WaitPolicy),
            Kind = UpdateWaiter.Types.Kind.Poll,
        };
        if ((request.WaitPolicy?.LifecycleStage ?? StageReached.Unspecified) == StageReached.Unspecified)
            waiters.Answer(run, update, waiter);
        else waiters.Add(run, update, waiter);
    }

    /// <summary>A task's messages have come.</summary>
    public void Begin(IEnumerable<Message> messages)
    {
        _messages = [];
        foreach (var message in messages) _messages[message.Id] = message;
    }

    /// <summary>The commands have come to the place where this message belongs.</summary>
    public void Apply(Run run, string messageId)
    {
        if (_messages.Remove(messageId, out var message)) Apply(run, message);
    }

    /// <summary>Messages that no command names, and updates that the worker passed over.</summary>
    public void ApplyRest(Run run)
    {
        foreach (var message in _messages.Values) Apply(run, message);
        _messages = [];
        if (!run.IsOpen) return;
        // Sent and not answered: the worker does not support updates.
        foreach (var update in run.State.Updates.Where(each => each.Stage == Stage.Sent).ToArray())
            Reject(run, update, ServerFailures.Create(NotProcessed));
    }

    /// <summary>The run has ended: its open updates fail.</summary>
    public void AbortAll(Run run)
    {
        foreach (var update in run.State.Updates.ToArray())
        {
            if (update.Stage == Stage.Completed) continue;
            if (update.Stage == Stage.Accepted)
            {
                Finish(run, update, new Outcome
                {
                    Failure = new Failure
                    {
                        Message = "Workflow Update failed because the Workflow completed before the Update completed.",
                        Source = "Server",
                        ApplicationFailureInfo = new()
                        {
                            Type = "AcceptedUpdateCompletedWorkflow",
                            NonRetryable = true,
                        },
                    },
                });
                continue;
            }
            run.State.Updates.Remove(update);
            waiters.RefuseAll(update, ServiceError.Completed());
        }
    }

    void Apply(Run run, Message message)
    {
        var update = run.State.Updates.FirstOrDefault(each => each.Id == message.ProtocolInstanceId);
        if (update is null) return;
        if (message.Body.TryUnpack<Acceptance>(out var acceptance)) Accept(run, update, acceptance);
        else if (message.Body.TryUnpack<Response>(out var response)) Complete(run, update, response);
        else if (message.Body.TryUnpack<Rejection>(out var rejection)) Reject(run, update, rejection.Failure);
    }

    void Accept(Run run, UpdateState update, Acceptance acceptance)
    {
        if (update.Stage != Stage.Sent) return;
        var messageId = acceptance.AcceptedRequestMessageId;
        var sequencingId = acceptance.AcceptedRequestSequencingEventId;
        update.AcceptedEventId = history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionUpdateAccepted,
            WorkflowExecutionUpdateAcceptedEventAttributes = new()
            {
                ProtocolInstanceId = update.Id,
                AcceptedRequestMessageId = messageId.Length > 0 ? messageId : UpdateMessages.RequestIdOf(update),
                AcceptedRequestSequencingEventId = sequencingId != 0 ? sequencingId : update.SequencingEventId,
                AcceptedRequest = update.Request,
            },
        }).EventId;
        update.Stage = Stage.Accepted;
        waiters.AnswerAll(run, update);
    }

    void Complete(Run run, UpdateState update, Response response)
    {
        if (update.Stage != Stage.Accepted) return;
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionUpdateCompleted,
            WorkflowExecutionUpdateCompletedEventAttributes = new()
            {
                Meta = response.Meta ?? update.Request!.Meta,
                AcceptedEventId = update.AcceptedEventId,
                Outcome = response.Outcome,
            },
        });
        Finish(run, update, response.Outcome);
    }

    // The caller gets the failure; history has no event, and the id can be used again.
    void Reject(Run run, UpdateState update, Failure failure)
    {
        if (update.Stage is Stage.Accepted or Stage.Completed) return;
        run.State.Updates.Remove(update);
        Finish(run, update, new Outcome { Failure = failure });
    }

    void Finish(Run run, UpdateState update, Outcome outcome)
    {
        update.Stage = Stage.Completed;
        update.Outcome = outcome;
        // The event holds it; another copy would waste memory.
        update.Request = null;
        runs.Touch(run);
        waiters.AnswerAll(run, update);
    }
}
