using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowMachines
{
    readonly List<UpdateRequest> _requests = [];
    readonly Dictionary<string, UpdateRequest> _admitted = [];
    readonly List<UpdateMessage> _rejections = [];

    /// <summary>Set by the code side: what to do with an update. The flag says whether it may still be rejected.</summary>
    public Action<UpdateRequest, bool> OnUpdate { get; set; } = (_, _) => { };

    /// <summary>All that the workflow has asked for so far; a validator must leave it as it is.</summary>
    public (int Commands, uint Timers, uint Activities) Asked => (Commands.Count, _timers, _activities);

    /// <summary>Takes the updates that came with the task at the end of history.</summary>
    public void Receive(IEnumerable<UpdateRequest> requests)
    {
        _requests.Clear();
        _requests.AddRange(requests);
    }

    public void Reject(UpdateRequest request, Failure failure)
    {
        if (!Replaying) _rejections.Add(UpdateMessage.Rejection(request, failure));
    }

    /// <summary>The messages for the current task's reply. A rejection is told once.</summary>
    public IReadOnlyList<UpdateMessage> TakeMessages()
    {
        UpdateMessage[] messages = [.. Commands.ToMessages(), .. _rejections];
        _rejections.Clear();
        return messages;
    }

    // An update that a server admitted on its own stands in history as an event and comes with no message.
    void Admit(HistoryEvent e)
    {
        var request = UpdateRequest.ReadAdmitted(e);
        if (Replaying) _admitted[request.InstanceId] = request;
        else if (!_requests.Exists(r => r.InstanceId == request.InstanceId)) _requests.Add(request);
    }

    // History only has updates that were accepted. The code gets one in the task that accepted it, as it did the first time.
    void Reaccept(WorkflowExecutionUpdateAcceptedEventAttributes accepted)
    {
        var request = _admitted.Remove(accepted.ProtocolInstanceId, out var admitted) ? admitted : UpdateRequest.Read(accepted);
        Jobs.Add(JobOrder.Signal, () => OnUpdate(request, false));
    }

    void HandOverRequests(long upToEventId)
    {
        if (Replaying || _requests.Count == 0) return;
        foreach (var request in _requests.Where(r => r.AfterEventId <= upToEventId)) Jobs.Add(JobOrder.Signal, () => OnUpdate(request, true));
        _requests.RemoveAll(r => r.AfterEventId <= upToEventId);
    }
}
