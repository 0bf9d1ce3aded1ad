namespace Temporalio.Client;

/// <summary>Options of <see cref="WorkflowHandle.DescribeAsync"/>.</summary>
public class WorkflowDescribeOptions : ICloneable
{
    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowDescribeOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
