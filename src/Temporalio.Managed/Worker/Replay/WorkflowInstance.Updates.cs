using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Update.V1;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    static readonly AsyncLocal<WorkflowUpdateInfo?> CurrentUpdate = new();

    readonly LinkedList<RunningHandler> _handlers = [];

    public bool AllHandlersFinished => _handlers.Count == 0;

    public WorkflowUpdateInfo? CurrentUpdateInfo => CurrentUpdate.Value;

    /// <summary>Accepts the update and starts its handler, or rejects it. One that history says was accepted is not asked about again.</summary>
    public void Update(UpdateRequest request, bool mayReject) => Queue(() => AnswerAsync(request, mayReject));

    // Async only for the sake of the async local, which ends with it.
    async Task AnswerAsync(UpdateRequest request, bool mayReject)
    {
        CurrentUpdate.Value = new(request.Id, request.Name);
        try
        {
            if (Accept(request, mayReject) is not var (definition, arguments)) return;
            Machines.Commands.Add(new UpdateAcceptMachine(request));
            Handle(request, definition, arguments);
        }
        catch (Exception e)
        {
            _taskFailure = e;
        }
        await Task.CompletedTask;
    }

    (WorkflowUpdateDefinition Definition, object?[] Arguments)? Accept(UpdateRequest request, bool mayReject)
    {
        var asked = Machines.Asked;
        try
        {
            if (!_details.Definition.Updates.TryGetValue(request.Name, out var definition))
                throw new InvalidOperationException(
                    $"Update handler for {request.Name} expected but not found, known updates: [{string.Join(" ", _details.Definition.Updates.Keys.Order(StringComparer.Ordinal))}]");
            if (mayReject && definition.ValidatorMethod is { } validator) InvokeMethod(validator, ReadArguments(definition.Method, request.Input));
            if (Machines.Asked == asked) return (definition, ReadArguments(definition.Method, request.Input)); // read anew: the validator may have changed its own
        }
        catch (Exception e) when (mayReject && Machines.Asked == asked)
        {
            Machines.Reject(request, _details.FailureConverter.ToFailure(e, PayloadConverter));
            return null;
        }
        throw new InvalidWorkflowOperationException($"Update validator for {request.Name} asked for something (an activity, a timer); a validator may only read.");
    }

    void Handle(UpdateRequest request, WorkflowUpdateDefinition definition, object?[] arguments)
    {
        var running = _handlers.AddLast(new RunningHandler($"update {request.Name} ({request.Id})", definition.UnfinishedPolicy));
        Task handling;
        try
        {
            handling = (Task)InvokeMethod(definition.Method, arguments)!;
        }
        catch (Exception e)
        {
            handling = Task.FromException(e);
        }
        // Queued even when the handler has ended already: so do the other SDKs, and the order of commands is part of history.
        _ = handling.ContinueWith(
            done =>
            {
                _handlers.Remove(running);
                Complete(request, definition, done);
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            _scheduler);
    }

    void Complete(UpdateRequest request, WorkflowUpdateDefinition definition, Task done)
    {
        try
        {
            if (done.IsCanceled) throw new TaskCanceledException(done);
            if (done.Exception is { } failed) ExceptionDispatchInfo.Throw(failed.InnerExceptions[0]);
            var result = definition.Method.ReturnType.IsGenericType ? definition.Method.ReturnType.GetProperty("Result")!.GetValue(done) : null;
            End(new() { Success = new() { Payloads_ = { PayloadConverter.ToPayload(result) } } });
        }
        catch (Exception e) when (e is OperationCanceledException || IsWorkflowFailure(e))
        {
            End(new() { Failure = _details.FailureConverter.ToFailure(e, PayloadConverter) });
        }
        catch (Exception e)
        {
            // As in the run method: any other exception is a mistake in the code.
            _taskFailure = e;
        }

        void End(Outcome outcome) => Machines.Commands.Add(new UpdateCompleteMachine(request, outcome));
    }

    object? InvokeMethod(MethodInfo method, object?[] arguments)
    {
        try
        {
            return method.Invoke(WorkflowObject, arguments);
        }
        catch (TargetInvocationException e) when (e.InnerException != null)
        {
            ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    void WarnOfRunningHandlers()
    {
        var names = _handlers.Where(h => h.Policy == HandlerUnfinishedPolicy.WarnAndAbandon).Select(h => h.Name).ToArray();
        if (names.Length > 0)
            Logger.LogWarning(
                "Workflow {WorkflowId} ended while handlers were running: {Handlers}. Wait for Workflow.AllHandlersFinished before it ends, or set UnfinishedPolicy",
                Info.WorkflowId, string.Join(", ", names));
    }

    sealed record RunningHandler(string Name, HandlerUnfinishedPolicy Policy);
}
