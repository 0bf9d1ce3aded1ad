namespace LogPipeline.Worker.Files;

/// <summary>
/// Removes one large file at a time beside the loop: giving back its pages takes as long as a group of batches, and
/// nothing waits for that. For one thread.
/// </summary>
sealed class BackgroundRemoval(StoreDirectory directory) : IDisposable
{
    Task _running = Task.CompletedTask;

    /// <summary>The one before must be finished.</summary>
    public void Begin(string name) => _running = Task.Run(() =>
    {
        directory.Delete(name);
        directory.Sync();
    });

    /// <summary>Waits until the file is gone for good.</summary>
    /// <exception cref="IOException">It could not be removed.</exception>
    public void Finish() => _running.GetAwaiter().GetResult();

    /// <summary>Waits as well. What could not be removed is found by the next life.</summary>
    public void Dispose() =>
        _running.ContinueWith(_ =>
            { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
}
