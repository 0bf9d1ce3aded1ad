namespace Temporalio.Client;

/// <summary>Options of <see cref="WorkflowHandle.CancelAsync"/>.</summary>
public class WorkflowCancelOptions : ICloneable
{
    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowCancelOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
