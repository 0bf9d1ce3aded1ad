namespace Temporalio.Worker;

sealed partial class TaskPoller<TTask>
{
    /// <summary>A slot for a task that comes in another way than by a poll; null: none is free, or polling was stopped.</summary>
    public ReservedSlot? TryReserve() => !_stop.IsCancellationRequested && _slots.Wait(0) ? new(this) : null;

    /// <summary>Disposing it without a task frees it.</summary>
    public sealed class ReservedSlot(TaskPoller<TTask> owner) : IDisposable
    {
        int _used;

        /// <summary>Hands the task to the handler, which frees the slot.</summary>
        public void Take(TTask task)
        {
            if (Interlocked.Exchange(ref _used, 1) == 0) _ = Task.Run(() => owner.HandleAsync(task));
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _used, 1) == 0) owner._slots.Release();
        }
    }
}
