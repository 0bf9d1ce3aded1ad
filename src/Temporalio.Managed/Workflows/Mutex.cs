namespace Temporalio.Workflows;

/// <summary>Lets one of a workflow's tasks pass at a time; see <see cref="Semaphore"/>.</summary>
public class Mutex
{
    readonly Semaphore _semaphore = new(1);

    /// <inheritdoc cref="Semaphore.WaitAsync(CancellationToken?)" />
    public Task WaitOneAsync(CancellationToken? cancellationToken = null) => _semaphore.WaitAsync(cancellationToken);

    /// <inheritdoc cref="Semaphore.WaitAsync(TimeSpan, CancellationToken?)" />
    public Task<bool> WaitOneAsync(int millisecondsTimeout, CancellationToken? cancellationToken = null) =>
        _semaphore.WaitAsync(millisecondsTimeout, cancellationToken);

    /// <inheritdoc cref="Semaphore.WaitAsync(TimeSpan, CancellationToken?)" />
    public Task<bool> WaitOneAsync(TimeSpan timeout, CancellationToken? cancellationToken = null) => _semaphore.WaitAsync(timeout, cancellationToken);

    /// <exception cref="InvalidOperationException">It is not held.</exception>
    public void ReleaseMutex() => _semaphore.Release();
}
