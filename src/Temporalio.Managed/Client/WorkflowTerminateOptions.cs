namespace Temporalio.Client;

/// <summary>Options of <see cref="WorkflowHandle.TerminateAsync"/>.</summary>
public class WorkflowTerminateOptions : ICloneable
{
    /// <summary>Values that the history keeps with the reason.</summary>
    public IReadOnlyCollection<object?>? Details { get; set; }

    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowTerminateOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
