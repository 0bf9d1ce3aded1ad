namespace Temporalio.Worker;

/// <summary>Lets so many through a second, evenly; time that was not used is not made up for.</summary>
sealed class Pacer(double perSecond, TimeProvider time)
{
    readonly TimeSpan _gap = TimeSpan.FromSeconds(1 / perSecond);
    readonly Lock _lock = new();
    DateTimeOffset _next;

    public Task WaitAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (_next < now) _next = now;
            wait = _next - now;
            _next += _gap;
        }
        return wait <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(wait, time, cancellationToken);
    }
}
