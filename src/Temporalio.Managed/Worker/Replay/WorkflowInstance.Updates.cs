using System.Runtime.ExceptionServices;
using Temporalio.Api.Update.V1;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    static readonly AsyncLocal<WorkflowUpdateInfo?> CurrentUpdate = new();

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
            var workflow = WorkflowObject; // its constructor may set handlers
            if (Find(Updates, _dynamicUpdate, request.Name) is not { } definition)
                throw new InvalidOperationException(
                    $"Update handler for {request.Name} expected but not found, known updates: [{string.Join(" ", Updates.Keys.Order(StringComparer.Ordinal))}]");
            if (mayReject && definition.Validator != null)
                ReadOnly(() =>
                {
                    Inbound.ValidateUpdate(InputOf(request, definition, Read(request, definition)));
                    return true;
                });
            if (Machines.Asked == asked) return (definition, Read(request, definition)); // read anew: the validator may have changed its own
        }
        catch (Exception e) when (mayReject && Machines.Asked == asked)
        {
            Machines.Reject(request, _details.FailureConverter.ToFailure(e, PayloadConverter));
            return null;
        }
        throw new InvalidWorkflowOperationException($"Update validator for {request.Name} asked for something (an activity, a timer); a validator may only read.");
    }

    object?[] Read(UpdateRequest request, WorkflowUpdateDefinition definition) =>
        ReadArguments(definition.Handler.Method, request.Input, $"Update {request.Name}", definition.Dynamic ? [request.Name] : null);

    static HandleUpdateInput InputOf(UpdateRequest request, WorkflowUpdateDefinition definition, object?[] arguments) =>
        new(request.Id, request.Name, definition, arguments, request.Body.Input?.Header?.Fields);

    void Handle(UpdateRequest request, WorkflowUpdateDefinition definition, object?[] arguments)
    {
        var running = _handlers.AddLast(new RunningHandler($"update {request.Name} ({request.Id})", definition.UnfinishedPolicy));
        Task<object?> handling;
        try
        {
            handling = Inbound.HandleUpdateAsync(InputOf(request, definition, arguments));
        }
        catch (Exception e)
        {
            handling = Task.FromException<object?>(e); // an interceptor's
        }
        // Queued even when the handler has ended already: so do the other SDKs, and the order of commands is part of history.
        _ = handling.ContinueWith(
            done =>
            {
                _handlers.Remove(running);
                Complete(request, done);
            },
            CancellationToken.None,
            TaskContinuationOptions.None,
            _scheduler);
    }

    void Complete(UpdateRequest request, Task<object?> done)
    {
        try
        {
            if (done.IsCanceled) throw new TaskCanceledException(done);
            if (done.Exception is { } failed) ExceptionDispatchInfo.Throw(failed.InnerExceptions[0]);
            End(new() { Success = new() { Payloads_ = { PayloadConverter.ToPayload(done.Result) } } });
        }
        catch (Exception e) when (IsWorkflowFailure(e))
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

}
