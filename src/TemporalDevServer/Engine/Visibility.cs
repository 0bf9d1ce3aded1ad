using Temporalio.Api.Workflow.V1;

namespace TemporalDevServer.Engine;

/// <summary>Lists and counts runs by what they are. Newest first, open ones among them.</summary>
sealed class Visibility(NamespaceRegistry namespaces, RunIndex runs)
{
    const int PageSizeMax = 1000;

    // A page fits into one gRPC message whatever memos its runs have.
    const int PageBytesMax = 3 * 1024 * 1024;

    public ListWorkflowExecutionsResponse List(ListWorkflowExecutionsRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var query = VisibilityQuery.Parse(ns, request.Query);
        if (query.GroupBy is not null)
            throw ServiceError.Invalid("invalid query: 'group by' clause is only supported for count");
        var skip = CallTokens.OffsetOf(request.NextPageToken);
        var size = request.PageSize is > 0 and <= PageSizeMax ? request.PageSize : PageSizeMax;
        var found = Sort(Matching(ns, query), query).Skip(skip).Take(size + 1).ToArray();
        var response = new ListWorkflowExecutionsResponse();
        var bytes = 0;
        foreach (var run in found.Take(size))
        {
            var info = Info(run);
            bytes += info.CalculateSize();
            if (bytes > PageBytesMax && response.Executions.Count > 0) break;
            response.Executions.Add(info);
        }
        var listed = response.Executions.Count;
        if (found.Length > listed) response.NextPageToken = CallTokens.OfOffset(skip + listed);
        return response;
    }

    public CountWorkflowExecutionsResponse Count(CountWorkflowExecutionsRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var query = VisibilityQuery.Parse(ns, request.Query);
        if (query.GroupBy is null) return new() { Count = Matching(ns, query).LongCount() };
        var response = new CountWorkflowExecutionsResponse();
        foreach (var group in Matching(ns, query).GroupBy(run => run.State.Status).OrderBy(group => group.Key))
        {
            response.Count += group.LongCount();
            response.Groups.Add(new CountWorkflowExecutionsResponse.Types.AggregationGroup
            {
                Count = group.LongCount(),
                GroupValues =
                {
                    new Payload
                    {
                        Metadata =
                        {
                            ["encoding"] = ByteString.CopyFromUtf8("json/plain"),
                            ["type"] = ByteString.CopyFromUtf8("Keyword"),
                        },
                        Data = ByteString.CopyFromUtf8($"\"{group.Key}\""),
                    },
                },
            });
        }
        return response;
    }

    /// <summary>What lists and descriptions say of a run.</summary>
    public static WorkflowExecutionInfo Info(Run run)
    {
        var state = run.State;
        var info = new WorkflowExecutionInfo
        {
            Execution = run.Execution,
            Type = run.Type,
            StartTime = Ticks.ToTimestamp(state.StartTime),
            CloseTime = Ticks.ToTimestampOrNull(state.CloseTime),
            Status = state.Status,
            HistoryLength = state.NextEventId - 1,
            ExecutionTime = Ticks.ToTimestamp(state.StartTime + state.FirstTaskBackoff),
            Memo = state.Memo ?? new(),
            SearchAttributes = state.SearchAttributes ?? new(),
            TaskQueue = state.TaskQueue,
            StateTransitionCount = state.StateTransitions,
            HistorySizeBytes = state.HistoryBytes,
            RootExecution = new() { WorkflowId = state.RootWorkflowId, RunId = state.RootRunId },
            FirstRunId = state.FirstRunId,
            Priority = state.Priority,
            VersioningInfo = state.VersioningOverride == null ? null : new()
            {
                VersioningOverride = state.VersioningOverride,
            },
        };
        if (state.Parent is { } parent)
        {
            info.ParentNamespaceId = parent.NamespaceId;
            info.ParentExecution = new() { WorkflowId = parent.WorkflowId, RunId = parent.RunId };
        }
        if (state.CloseTime != 0)
            info.ExecutionDuration = Ticks.ToDuration(
                Math.Max(0, state.CloseTime - state.StartTime - state.FirstTaskBackoff));
        return info;
    }

    IEnumerable<Run> Matching(Namespace ns, VisibilityQuery query) =>
        runs.All.Where(run => run.Namespace == ns && query.Matches(run));

    static IEnumerable<Run> Sort(IEnumerable<Run> runs, VisibilityQuery query)
    {
        if (query.OrderBy.Count == 0)
            return runs.OrderByDescending(run => run.State.StartTime).ThenByDescending(run => run.Number);
        IOrderedEnumerable<Run>? sorted = null;
        foreach (var (read, descending) in query.OrderBy)
            sorted = (sorted, descending) switch
            {
                (null, false) => runs.OrderBy(read, SearchValue.Order),
                (null, true) => runs.OrderByDescending(read, SearchValue.Order),
                (_, false) => sorted.ThenBy(read, SearchValue.Order),
                (_, true) => sorted.ThenByDescending(read, SearchValue.Order),
            };
        return sorted!.ThenByDescending(run => run.Number);
    }
}
