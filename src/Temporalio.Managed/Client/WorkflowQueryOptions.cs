using Temporalio.Api.Enums.V1;

namespace Temporalio.Client;

/// <summary>Options of queries of a workflow.</summary>
public class WorkflowQueryOptions : ICloneable
{
    /// <summary>Wins over the client's.</summary>
    public QueryRejectCondition? RejectCondition { get; set; }

    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowQueryOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
