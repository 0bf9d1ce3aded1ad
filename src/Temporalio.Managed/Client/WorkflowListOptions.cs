namespace Temporalio.Client;

/// <summary>Options of <see cref="ITemporalClient.ListWorkflowsAsync"/>.</summary>
public class WorkflowListOptions : ICloneable
{
    /// <summary>Most workflows returned; 0: all.</summary>
    public int Limit { get; set; }

    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowListOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
