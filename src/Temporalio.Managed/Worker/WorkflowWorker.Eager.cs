using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;

namespace Temporalio.Worker;

sealed partial class WorkflowWorker
{
    /// <summary>Lets the starts over a connection bring their first tasks here, until the result is disposed.</summary>
    public IDisposable TakeEagerStarts(EagerStarts starts) =>
        starts.Register(_settings.Namespace, _settings.TaskQueue, null, () => _pollers[0].TryReserve() is { } slot ? new EagerSlot(slot) : null);

    sealed class EagerSlot(TaskPoller<PollWorkflowTaskQueueResponse>.ReservedSlot slot) : IEagerSlot
    {
        public void Take(PollWorkflowTaskQueueResponse task) => slot.Take(task);

        public void Dispose() => slot.Dispose();
    }
}
