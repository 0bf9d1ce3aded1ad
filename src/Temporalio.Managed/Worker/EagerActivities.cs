using Temporalio.Api.WorkflowService.V1;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker;

/// <summary>
/// Activities that come with the server's answer to a workflow task, without a poll: the worker keeps a slot for each
/// while it completes the task.
/// </summary>
sealed class EagerActivities(ActivityWorker worker, int reservationsMax)
{
    public int ReservationsMax => reservationsMax;

    public WorkerSlot? TryReserve() => worker.TryReserve();

    /// <summary>Runs what has come, and gives back what was reserved for more.</summary>
    public void Take(IReadOnlyList<PollActivityTaskQueueResponse> tasks, IReadOnlyList<WorkerSlot> slots)
    {
        for (var i = 0; i < slots.Count; i++)
        {
            if (i < tasks.Count) worker.RunEager(tasks[i], slots[i]);
            else slots[i].Release();
        }
    }
}
