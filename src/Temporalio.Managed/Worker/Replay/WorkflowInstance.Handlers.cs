using System.Reflection;
using Google.Protobuf.Collections;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    /// <summary>Starts the signal's handler. A signal that the workflow does not know is logged and stays in history.</summary>
    public void Signal(WorkflowExecutionSignaledEventAttributes signal)
    {
        if (!_details.Definition.Signals.TryGetValue(signal.SignalName, out var definition))
        {
            Logger.LogWarning("Signal {SignalName} is not handled by workflow {WorkflowType}", signal.SignalName, Info.WorkflowType);
            return;
        }
        object?[] arguments;
        try
        {
            arguments = ReadArguments(definition.Method, signal.Input?.Payloads_ ?? []);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // A signal that cannot be read is dropped: failing the task would hold the workflow up for a sender's mistake.
            Logger.LogError(e, "Signal {SignalName} of workflow {WorkflowType} cannot be read and is dropped", signal.SignalName, Info.WorkflowType);
            return;
        }
        var workflow = WorkflowObject;
        Queue(() => RunHandlerAsync(definition, workflow, arguments));
    }

    /// <summary>Answers a query. It may read the workflow's state and must not change it.</summary>
    /// <exception cref="WorkflowQueryFailedException">There is no such query.</exception>
    public Payload Query(string name, RepeatedField<Payload> input)
    {
        if (!_details.Definition.Queries.TryGetValue(name, out var definition))
            throw new InvalidWorkflowOperationException(
                $"Query handler for {name} expected but not found, known queries: [{string.Join(" ", _details.Definition.Queries.Keys.Order(StringComparer.Ordinal))}]");
        var arguments = ReadArguments(definition.Method, input);
        var commands = Machines.Commands.Count;
        try
        {
            var result = definition.Method.Invoke(WorkflowObject, arguments);
            if (Machines.Commands.Count != commands)
                throw new InvalidWorkflowOperationException($"Query handler for {name} asked for something (an activity, a timer); a query may only read.");
            return PayloadConverter.ToPayload(result);
        }
        catch (TargetInvocationException e) when (e.InnerException != null)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
            throw;
        }
    }

    async Task RunHandlerAsync(WorkflowSignalDefinition definition, object target, object?[] arguments)
    {
        var handler = _handlers.AddLast(new RunningHandler($"signal {definition.Name}", definition.UnfinishedPolicy));
        try
        {
            try
            {
                await (Task)definition.Method.Invoke(target, arguments)!;
            }
            catch (TargetInvocationException e) when (e.InnerException != null)
            {
                System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException);
            }
        }
        catch (Exception e) when (!Ended && IsWorkflowFailure(e))
        {
            var failure = _details.FailureConverter.ToFailure(e, PayloadConverter);
            End(
                new() { CommandType = Api.Enums.V1.CommandType.FailWorkflowExecution, FailWorkflowExecutionCommandAttributes = new() { Failure = failure } },
                Api.Enums.V1.EventType.WorkflowExecutionFailed, "the workflow's failure");
        }
        catch (Exception e)
        {
            // As in the run method: any other exception is a mistake in the code.
            _taskFailure = e;
        }
        finally
        {
            _handlers.Remove(handler);
        }
    }
}
