namespace Temporalio.Client;

/// <summary>Options of executing an update.</summary>
public class WorkflowUpdateOptions : ICloneable
{
    public WorkflowUpdateOptions()
    {
    }

    public WorkflowUpdateOptions(string id) => Id = id;

    /// <summary>An update of the same id is made once a run. Null: a new one.</summary>
    public string? Id { get; set; }

    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowUpdateOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
