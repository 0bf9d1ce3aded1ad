namespace LogPipeline.TestSupport;

/// <summary>
/// Holds code under test at a chosen place: the code calls <see cref="ReachAsync"/> and waits there; the test waits with
/// <see cref="ReachedAsync"/> until it does, looks or interferes, and lets it go on with <see cref="Release"/>.
/// </summary>
public sealed class SyncPoint
{
    readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Longest wait on either side, so that a broken test fails instead of hanging.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Called by the code under test.</summary>
    public Task ReachAsync()
    {
        _reached.TrySetResult();
        return _released.Task.WaitAsync(WaitMax);
    }

    /// <summary>As <see cref="ReachAsync"/>, for code that is not async.</summary>
#pragma warning disable VSTHRD002 // That is what it is for.
    public void Reach() => ReachAsync().GetAwaiter().GetResult();
#pragma warning restore VSTHRD002

    /// <summary>Called by the test.</summary>
    public Task ReachedAsync() => _reached.Task.WaitAsync(WaitMax);

    public bool IsReached => _reached.Task.IsCompleted;

    public void Release() => _released.TrySetResult();
}
