namespace LogPipeline.Publisher.Queue;

/// <summary>
/// Wakes the one loop that waits; set before the wait, it ends the wait at once. Setting it again adds nothing.
/// </summary>
sealed class Signal
{
    readonly Lock _gate = new();
    TaskCompletionSource? _waiting;
    bool _set;

    public void Set()
    {
        TaskCompletionSource? waiting;
        lock (_gate)
        {
            waiting = _waiting;
            _waiting = null;
            _set = waiting is null;
        }
        waiting?.TrySetResult();
    }

    /// <summary>The same wait again when the last one has not ended.</summary>
    public Task WaitAsync()
    {
        lock (_gate)
        {
            if (_set)
            {
                _set = false;
                return Task.CompletedTask;
            }
            return (_waiting ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }
}
