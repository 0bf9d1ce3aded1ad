using Temporalio.Api.Update.V1;
using Stage = TemporalDevServer.Engine.State.UpdateState.Types.Stage;
using StageReached = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage;

namespace TemporalDevServer.Engine;

/// <summary>Calls that wait for an update to be accepted or completed.</summary>
sealed class UpdateWaiters(EngineStep step)
{
    // The update that each call waits for; the update holds the waiters.
    readonly Dictionary<long, (Run Run, UpdateState Update)> _waiting = [];

    public static bool WaitsForCompletion(WaitPolicy? policy) => policy?.LifecycleStage == StageReached.Completed;

    /// <summary>Answers the call when the update is as far as it wants, now or later.</summary>
    public void Add(Run run, UpdateState update, UpdateWaiter waiter)
    {
        if (update.Stage == Stage.Completed || (update.Stage == Stage.Accepted && !waiter.ForCompletion))
        {
            Answer(run, update, waiter);
            return;
        }
        update.Waiters.Add(waiter);
        _waiting.Add(waiter.CallId, (run, update));
    }

    /// <summary>The update is completed, or accepted: those who waited for that are answered.</summary>
    public void AnswerAll(Run run, UpdateState update)
    {
        foreach (var waiter in TakeAll(update, waiter => update.Stage == Stage.Completed || !waiter.ForCompletion))
            Answer(run, update, waiter);
    }

    public void RefuseAll(UpdateState update, ServiceError error)
    {
        foreach (var waiter in TakeAll(update, _ => true)) step.Refuse(waiter.CallId, error);
    }

    /// <summary>
    /// The call has waited long enough: it gets the update's stage. False when it does not wait here.
    /// </summary>
    public bool Expire(long callId, bool answer)
    {
        if (!_waiting.Remove(callId, out var waiting)) return false;
        var waiter = waiting.Update.Waiters.First(each => each.CallId == callId);
        waiting.Update.Waiters.Remove(waiter);
        if (answer) Answer(waiting.Run, waiting.Update, waiter);
        return true;
    }

    public void Clear()
    {
        foreach (var (_, update) in _waiting.Values) update.Waiters.Clear();
        _waiting.Clear();
    }

    /// <summary>After a snapshot was read.</summary>
    public void Restore(Run run)
    {
        foreach (var update in run.State.Updates)
            foreach (var waiter in update.Waiters) _waiting.Add(waiter.CallId, (run, update));
    }

    /// <summary>Answers the call with the update's stage.</summary>
    public void Answer(Run run, UpdateState update, UpdateWaiter waiter)
    {
        var stage = update.Stage switch
        {
            Stage.Completed => StageReached.Completed,
            Stage.Accepted => StageReached.Accepted,
            _ => StageReached.Admitted,
        };
        var reference = new UpdateRef { WorkflowExecution = run.Execution, UpdateId = update.Id };
        var response = new UpdateWorkflowExecutionResponse
        {
            UpdateRef = reference,
            Outcome = update.Outcome,
            Stage = stage,
        };
        step.Answer(waiter.CallId, waiter.Kind switch
        {
            UpdateWaiter.Types.Kind.Poll => new PollWorkflowExecutionUpdateResponse
            {
                Outcome = update.Outcome,
                Stage = stage,
                UpdateRef = reference,
            },
            UpdateWaiter.Types.Kind.Update => response,
            _ => WithStart(waiter, response),
        });
    }

    static ExecuteMultiOperationResponse WithStart(
        UpdateWaiter waiter, UpdateWorkflowExecutionResponse response) => new()
    {
        Responses =
        {
            new ExecuteMultiOperationResponse.Types.Response
            {
                StartWorkflow = StartWorkflowExecutionResponse.Parser.ParseFrom(waiter.Started),
            },
            new ExecuteMultiOperationResponse.Types.Response { UpdateWorkflow = response },
        },
    };

    UpdateWaiter[] TakeAll(UpdateState update, Func<UpdateWaiter, bool> which)
    {
        var taken = update.Waiters.Where(which).ToArray();
        foreach (var waiter in taken)
        {
            update.Waiters.Remove(waiter);
            _waiting.Remove(waiter.CallId);
        }
        return taken;
    }
}
