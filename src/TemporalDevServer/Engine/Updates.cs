using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.ErrorDetails.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Protocol.V1;
using Temporalio.Api.Update.V1;
using StageReached = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace TemporalDevServer.Engine;

// An update, from its caller to its outcome:
//
//   admitted ──task starts──▶ sent ──▶ accepted (event) ──▶ completed (event)
//                               └────▶ rejected (no event): as if it had never been
//
// A task that fails or times out sends it again with the next one.

/// <summary>Updates: taken from callers, sent to workers beside workflow tasks, answered by their messages.</summary>
sealed class Updates(
    EngineStep step, IdSource ids, NamespaceRegistry namespaces, Runs runs, HistoryBuilder history, WorkflowTasks tasks)
{
    const string RequestSuffix = "/request";

    Dictionary<string, Message> _messages = [];

    // Whose calls wait for which update; the update itself holds them.
    readonly Dictionary<long, (Run Run, UpdateState Update)> _waiting = [];

    public void Update(long callId, UpdateWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var run = Admissible(ns, request);
        Admit(run, request, new UpdateWaiter { CallId = callId, ForCompletion = WaitsForCompletion(request.WaitPolicy) });
    }

    /// <summary>The run that the request names; it is checked for everything but the update's own fate.</summary>
    Run Admissible(Namespace ns, UpdateWorkflowExecutionRequest request)
    {
        Check(request);
        var run = runs.Get(ns, request.WorkflowExecution);
        Runs.CheckFirstRun(run, request.FirstExecutionRunId);
        return run;
    }

    public static void Check(UpdateWorkflowExecutionRequest request)
    {
        if (request.Request?.Input is null || request.Request.Input.Name.Length == 0) throw ServiceError.Invalid("Update.Input.Name is not set on request.");
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
        var update = run.State.Updates.FirstOrDefault(each => each.Id == asked.Meta.UpdateId);
        if (update is null)
        {
            if (!run.IsOpen) throw ServiceError.Completed();
            if (run.State.Updates.Count >= Limits.UpdatesMax)
                throw new ServiceError(StatusCode.FailedPrecondition, $"The limit on the total number of distinct updates in this workflow has been reached ({Limits.UpdatesMax}). Make sure any duplicate updates share an Update ID so the server can deduplicate them.");
            if (run.State.Updates.Count(each => each.Stage != UpdateState.Types.Stage.Completed) >= Limits.UpdatesInFlightMax)
                throw ServiceError.TooMuch($"limit on number of concurrent in-flight updates has been reached ({Limits.UpdatesInFlightMax})", ResourceExhaustedCause.ConcurrentLimit);
            update = new UpdateState { Id = asked.Meta.UpdateId, Request = asked };
            run.State.Updates.Add(update);
            runs.Touch(run);
        }
        Wait(run, update, waiter);
        if (update.Stage == UpdateState.Types.Stage.Admitted) tasks.Schedule(run, speculative: true);
    }

    public void Poll(long callId, PollWorkflowExecutionUpdateRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        if (request.UpdateRef is null || request.UpdateRef.UpdateId.Length == 0) throw ServiceError.Invalid("UpdateRef is not set on request.");
        var run = runs.Get(ns, request.UpdateRef.WorkflowExecution);
        var update = run.State.Updates.FirstOrDefault(each => each.Id == request.UpdateRef.UpdateId)
            ?? throw ServiceError.NotFound($"update {request.UpdateRef.UpdateId} not found");
        var waiter = new UpdateWaiter { CallId = callId, ForCompletion = WaitsForCompletion(request.WaitPolicy), Kind = UpdateWaiter.Types.Kind.Poll };
        if (request.WaitPolicy is null || request.WaitPolicy.LifecycleStage == StageReached.Unspecified) Answer(run, update, waiter);
        else Wait(run, update, waiter);
    }

    /// <summary>The call has waited long enough: it hears how far the update is. False when it does not wait here.</summary>
    public bool Expire(long callId, bool answer)
    {
        if (!_waiting.Remove(callId, out var waiting)) return false;
        var waiter = waiting.Update.Waiters.First(each => each.CallId == callId);
        waiting.Update.Waiters.Remove(waiter);
        if (answer) Answer(waiting.Run, waiting.Update, waiter);
        return true;
    }

    public void ForgetWaiters()
    {
        foreach (var (_, update) in _waiting.Values) update.Waiters.Clear();
        _waiting.Clear();
    }

    /// <summary>After a snapshot was read.</summary>
    public void Remember(Run run)
    {
        foreach (var update in run.State.Updates)
            foreach (var waiter in update.Waiters) _waiting.Add(waiter.CallId, (run, update));
    }

    public static bool HasUnsent(Run run) => run.State.Updates.Any(update => update.Stage == UpdateState.Types.Stage.Admitted);

    /// <summary>The task that starts carries all updates that no worker has answered.</summary>
    public static void SendWith(Run run, WorkflowTaskState task, PollWorkflowTaskQueueResponse response)
    {
        foreach (var update in run.State.Updates)
        {
            if (update.Stage is not (UpdateState.Types.Stage.Admitted or UpdateState.Types.Stage.Sent)) continue;
            update.Stage = UpdateState.Types.Stage.Sent;
            update.SequencingEventId = task.StartedEventId - 1;
            response.Messages.Add(new Message
            {
                Id = update.Id + RequestSuffix,
                ProtocolInstanceId = update.Id,
                EventId = update.SequencingEventId,
                Body = Any.Pack(update.Request),
            });
        }
    }

    public static bool IsRejection(Message message) => message.Body?.Is(Rejection.Descriptor) == true;

    /// <summary>What is wrong with a task's messages.</summary>
    public static CommandMistake? FirstMistake(Run run, RespondWorkflowTaskCompletedRequest request)
    {
        foreach (var message in request.Messages)
        {
            var update = run.State.Updates.FirstOrDefault(each => each.Id == message.ProtocolInstanceId);
            if (update is null) return Bad($"update {message.ProtocolInstanceId} not found");
            if (message.Body is null || !(message.Body.Is(Acceptance.Descriptor) || message.Body.Is(Rejection.Descriptor) || message.Body.Is(Response.Descriptor)))
                return Bad($"unknown message type: {message.Body?.TypeUrl}");
        }
        foreach (var command in request.Commands)
            if (command.ProtocolMessageCommandAttributes is { } named && request.Messages.All(message => message.Id != named.MessageId))
                return Bad($"ProtocolMessageCommand referenced absent message ID {named.MessageId}");
        return null;

        static CommandMistake? Bad(string message) =>
            new CommandMistake(WorkflowTaskFailedCause.BadUpdateWorkflowExecutionMessage, $"BadUpdateWorkflowExecutionMessage: {message}");
    }

    /// <summary>A task's messages have come.</summary>
    public void Begin(IEnumerable<Message> messages)
    {
        _messages = [];
        foreach (var message in messages) _messages[message.Id] = message;
    }

    /// <summary>The commands have come to the place where this message belongs.</summary>
    public void Take(Run run, string messageId, CommandEffects effects)
    {
        if (_messages.Remove(messageId, out var message)) Take(run, message);
    }

    /// <summary>Messages that no command names, and updates that the worker passed over.</summary>
    public void TakeRest(Run run, CommandEffects effects)
    {
        foreach (var message in _messages.Values) Take(run, message);
        _messages = [];
        if (!run.IsOpen) return;
        // Sent and not answered: the worker does not know what an update is.
        foreach (var update in run.State.Updates.Where(each => each.Stage == UpdateState.Types.Stage.Sent).ToArray())
            Reject(run, update, Failures.Server("Workflow Update is rejected because it wasn't processed by worker. Probably, Workflow Update is not supported by the worker."));
    }

    /// <summary>The run has ended: what is not done will not be.</summary>
    public void AbortAll(Run run)
    {
        foreach (var update in run.State.Updates.ToArray())
        {
            if (update.Stage == UpdateState.Types.Stage.Completed) continue;
            if (update.Stage == UpdateState.Types.Stage.Accepted)
            {
                Finish(run, update, new Outcome
                {
                    Failure = new Failure
                    {
                        Message = "Workflow Update failed because the Workflow completed before the Update completed.",
                        Source = "Server",
                        ApplicationFailureInfo = new() { Type = "AcceptedUpdateCompletedWorkflow", NonRetryable = true },
                    },
                });
                continue;
            }
            run.State.Updates.Remove(update);
            foreach (var waiter in TakeWaiters(update, _ => true)) step.Refuse(waiter.CallId, ServiceError.Completed());
        }
    }

    void Take(Run run, Message message)
    {
        var update = run.State.Updates.FirstOrDefault(each => each.Id == message.ProtocolInstanceId);
        if (update is null) return;
        if (message.Body.TryUnpack<Acceptance>(out var acceptance)) Accept(run, update, acceptance);
        else if (message.Body.TryUnpack<Response>(out var response)) Complete(run, update, response);
        else if (message.Body.TryUnpack<Rejection>(out var rejection)) Reject(run, update, rejection.Failure);
    }

    void Accept(Run run, UpdateState update, Acceptance acceptance)
    {
        if (update.Stage != UpdateState.Types.Stage.Sent) return;
        update.AcceptedEventId = history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionUpdateAccepted,
            WorkflowExecutionUpdateAcceptedEventAttributes = new()
            {
                ProtocolInstanceId = update.Id,
                AcceptedRequestMessageId = acceptance.AcceptedRequestMessageId.Length > 0 ? acceptance.AcceptedRequestMessageId : update.Id + RequestSuffix,
                AcceptedRequestSequencingEventId = acceptance.AcceptedRequestSequencingEventId != 0 ? acceptance.AcceptedRequestSequencingEventId : update.SequencingEventId,
                AcceptedRequest = update.Request,
            },
        }).EventId;
        update.Stage = UpdateState.Types.Stage.Accepted;
        foreach (var waiter in TakeWaiters(update, waiter => !waiter.ForCompletion)) Answer(run, update, waiter);
    }

    void Complete(Run run, UpdateState update, Response response)
    {
        if (update.Stage != UpdateState.Types.Stage.Accepted) return;
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

    // The caller hears of it; history and later callers with the same id do not.
    void Reject(Run run, UpdateState update, Failure failure)
    {
        if (update.Stage is UpdateState.Types.Stage.Accepted or UpdateState.Types.Stage.Completed) return;
        run.State.Updates.Remove(update);
        Finish(run, update, new Outcome { Failure = failure });
    }

    void Finish(Run run, UpdateState update, Outcome outcome)
    {
        update.Stage = UpdateState.Types.Stage.Completed;
        update.Outcome = outcome;
        // The event holds it; a copy for each of thousands of updates would not be worth its memory.
        update.Request = null;
        runs.Touch(run);
        foreach (var waiter in TakeWaiters(update, _ => true)) Answer(run, update, waiter);
    }

    void Wait(Run run, UpdateState update, UpdateWaiter waiter)
    {
        if (update.Stage == UpdateState.Types.Stage.Completed || (update.Stage == UpdateState.Types.Stage.Accepted && !waiter.ForCompletion))
        {
            Answer(run, update, waiter);
            return;
        }
        update.Waiters.Add(waiter);
        _waiting.Add(waiter.CallId, (run, update));
    }

    UpdateWaiter[] TakeWaiters(UpdateState update, Func<UpdateWaiter, bool> which)
    {
        var taken = update.Waiters.Where(which).ToArray();
        foreach (var waiter in taken)
        {
            update.Waiters.Remove(waiter);
            _waiting.Remove(waiter.CallId);
        }
        return taken;
    }

    void Answer(Run run, UpdateState update, UpdateWaiter waiter)
    {
        var stage = update.Stage switch
        {
            UpdateState.Types.Stage.Completed => StageReached.Completed,
            UpdateState.Types.Stage.Accepted => StageReached.Accepted,
            _ => StageReached.Admitted,
        };
        var reference = new UpdateRef { WorkflowExecution = run.Execution, UpdateId = update.Id };
        if (waiter.Kind == UpdateWaiter.Types.Kind.Poll)
        {
            step.Answer(waiter.CallId, new PollWorkflowExecutionUpdateResponse { Outcome = update.Outcome, Stage = stage, UpdateRef = reference });
            return;
        }
        var response = new UpdateWorkflowExecutionResponse { UpdateRef = reference, Outcome = update.Outcome, Stage = stage };
        step.Answer(waiter.CallId, waiter.Kind == UpdateWaiter.Types.Kind.Update ? response : new ExecuteMultiOperationResponse
        {
            Responses =
            {
                new ExecuteMultiOperationResponse.Types.Response { StartWorkflow = StartWorkflowExecutionResponse.Parser.ParseFrom(waiter.Started) },
                new ExecuteMultiOperationResponse.Types.Response { UpdateWorkflow = response },
            },
        });
    }

    public static bool WaitsForCompletion(WaitPolicy? policy) => policy?.LifecycleStage == StageReached.Completed;
}
