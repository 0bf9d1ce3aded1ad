using Temporalio.Api.Enums.V1;

namespace Temporalio.Client;

/// <summary>Options of <see cref="WorkflowHandle.FetchHistoryEventsAsync"/>.</summary>
public class WorkflowHistoryEventFetchOptions : ICloneable
{
    /// <summary>At the end of what is there, wait for more until the run ends.</summary>
    public bool WaitNewEvent { get; set; }

    public HistoryEventFilterType EventFilterType { get; set; } = HistoryEventFilterType.AllEvent;

    public bool SkipArchival { get; set; }

    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowHistoryEventFetchOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
