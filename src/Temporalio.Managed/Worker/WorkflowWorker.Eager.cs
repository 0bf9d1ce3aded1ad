using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker;

sealed partial class WorkflowWorker
{
    /// <summary>Lets the starts over a connection bring their first tasks here, until the result is disposed.</summary>
    public IDisposable TakeEagerStarts(EagerStarts starts) => starts.Register(
        _settings.Namespace, _settings.TaskQueue, _settings.DeploymentOptions,
        () => _slots.TryReserve() is { } slot ? new EagerSlot(_pollers[0], slot) : null);

    sealed class EagerSlot(TaskPoller<PollWorkflowTaskQueueResponse> poller, WorkerSlot slot) : IEagerSlot
    {
        bool _taken;

        public void Take(PollWorkflowTaskQueueResponse task)
        {
            _taken = true;
            poller.Hand(task, slot, eager: true);
        }

        public void Dispose()
        {
            if (!_taken) slot.Release();
        }
    }
}
