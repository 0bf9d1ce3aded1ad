using Temporalio.Api.WorkflowService.V1;
using Temporalio.Common;

namespace Temporalio.Client;

/// <summary>How many workflows a query finds. The server may be a little behind.</summary>
public class WorkflowExecutionCount
{
    protected internal WorkflowExecutionCount(CountWorkflowExecutionsResponse raw)
    {
        Count = raw.Count;
        Groups = [.. raw.Groups.Select(group => new AggregationGroup(group))];
    }

    public long Count { get; }

    /// <summary>One entry a group, for a query with GROUP BY.</summary>
    public IReadOnlyCollection<AggregationGroup> Groups { get; }

    /// <summary>One group of a query with GROUP BY.</summary>
    public class AggregationGroup
    {
        protected internal AggregationGroup(CountWorkflowExecutionsResponse.Types.AggregationGroup raw)
        {
            Count = raw.Count;
            GroupValues = [.. raw.GroupValues.Select(SearchAttributePayload.Read).Where(value => value is not null).Select(value => value!.Value.Value)];
        }

        public long Count { get; }

        public IReadOnlyCollection<object> GroupValues { get; }
    }
}
