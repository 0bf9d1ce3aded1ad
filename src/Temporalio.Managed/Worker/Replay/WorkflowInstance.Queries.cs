using Temporalio.Api.Common.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;
using StackTrace = System.Diagnostics.StackTrace;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    readonly LinkedList<StackTrace> _waits = [];
    string _currentDetails = "";

    public string CurrentDetails
    {
        get => _currentDetails;
        set
        {
            AssertMayChange("set current details");
            _currentDetails = value;
        }
    }

    /// <summary>Answers a query, in the workflow's context. It may read the workflow's state and must not change it.</summary>
    /// <param name="id">Of this one asking.</param>
    /// <param name="query">Decoded.</param>
    public Payload Query(string id, WorkflowQuery query)
    {
        Payload? answer = null;
        Exception? failure = null;
        OnScheduler(() =>
        {
            Queue(() =>
            {
                try
                {
                    answer = Answer(id, query);
                }
                catch (Exception e)
                {
                    failure = e; // the edge to user code: whatever a query throws is its answer
                }
                return Task.CompletedTask;
            });
            _scheduler.RunQueued();
        });
        if (failure != null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        return answer!;
    }

    Payload Answer(string id, WorkflowQuery query)
    {
        // What the SDK answers itself is for tools, so it does not depend on the user's converter.
        if (query.QueryType == "__stack_trace") return DataConverter.Default.PayloadConverter.ToPayload(StackTraces());
        if (query.QueryType == "__temporal_workflow_metadata") return DataConverter.Default.PayloadConverter.ToPayload(Metadata());

        var workflow = WorkflowObject; // its constructor may set handlers
        if (Find(Queries, _dynamicQuery, query.QueryType) is not { } definition)
            throw new InvalidOperationException(
                $"Query handler for {query.QueryType} expected but not found, known queries: [{string.Join(" ", Queries.Keys.Order(StringComparer.Ordinal))}]");
        var arguments = ReadArguments(
            definition.Handler.Method, query.QueryArgs?.Payloads_ ?? [], $"Query {query.QueryType}", definition.Dynamic ? [query.QueryType] : null);
        var asked = Machines.Asked;
        var answer = PayloadConverter.ToPayload(ReadOnly(() => Inbound.HandleQuery(new(id, query.QueryType, definition, arguments, query.Header?.Fields))));
        if (Machines.Asked == asked) return answer;
        // The run is not what its history says any more: its next task fails, and starts it anew.
        _taskFailure = new InvalidWorkflowOperationException($"Query handler for {query.QueryType} asked for something (an activity, a timer); a query may only read.");
        throw _taskFailure;
    }

    WorkflowMetadata Metadata() => new()
    {
        CurrentDetails = CurrentDetails,
        Definition = new()
        {
            Type = Info.WorkflowType,
            QueryDefinitions = { Describe(_dynamicQuery, Queries, d => d.Name, d => d.Description) },
            SignalDefinitions = { Describe(_dynamicSignal, Signals, d => d.Name, d => d.Description) },
            UpdateDefinitions = { Describe(_dynamicUpdate, Updates, d => d.Name, d => d.Description) },
        },
    };

    static IEnumerable<WorkflowInteractionDefinition> Describe<T>(T? dynamic, HandlerMap<T> named, Func<T, string?> name, Func<T, string?> description)
        where T : class
    {
        IEnumerable<T> all = named.Values.OrderBy(name, StringComparer.Ordinal);
        return (dynamic == null ? all : all.Prepend(dynamic)).Select(d => new WorkflowInteractionDefinition { Name = name(d) ?? "", Description = description(d) ?? "" });
    }

    /// <summary>Notes, if this worker was asked to, where the code waits until what is returned is disposed.</summary>
    Wait Waiting() => new(
        _waits,
        _details.StackTraces == WorkflowStackTrace.None ? null : _waits.AddLast(new StackTrace(_details.StackTraces == WorkflowStackTrace.Normal)));

    string StackTraces()
    {
        if (_details.StackTraces == WorkflowStackTrace.None) throw new InvalidOperationException("Workflow stack traces are not enabled on this worker");
        return string.Join("\n\n", _waits.Select(UserFrames).Where(frames => frames.Length > 0).Select(frames => $"Task waiting at:\n{frames}"));
    }

    static string UserFrames(StackTrace trace)
    {
        var lines = trace.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r')).ToList();
        return string.Join('\n', lines.Where(l => !l.Contains(" at Temporalio.Worker.", StringComparison.Ordinal) && !l.Contains(" at System.", StringComparison.Ordinal)));
    }

    readonly struct Wait(LinkedList<StackTrace> waits, LinkedListNode<StackTrace>? node) : IDisposable
    {
        public void Dispose()
        {
            if (node?.List != null) waits.Remove(node);
        }
    }
}
