namespace Temporalio.Client;

/// <summary>Options of <see cref="ITemporalClient.CountWorkflowsAsync"/>.</summary>
public class WorkflowCountOptions : ICloneable
{
    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowCountOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
