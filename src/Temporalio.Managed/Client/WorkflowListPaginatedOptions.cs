namespace Temporalio.Client;

/// <summary>Options of <see cref="ITemporalClient.ListWorkflowsPaginatedAsync"/>.</summary>
public class WorkflowListPaginatedOptions : ICloneable
{
    /// <summary>0: the server decides.</summary>
    public int PageSize { get; set; }

    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowListPaginatedOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
