namespace LogPipeline.Worker.Hosting;

/// <summary>Waits between attempts to connect: half a second, doubled up to ten, less a random part of up to a quarter.</summary>
sealed class ConnectBackoff(Random random)
{
    static readonly TimeSpan DelayMax = TimeSpan.FromSeconds(10);

    TimeSpan _next = TimeSpan.FromMilliseconds(500);

    public TimeSpan Next()
    {
        var delay = _next;
        _next = _next * 2 < DelayMax ? _next * 2 : DelayMax;
        return delay * (1 - 0.25 * random.NextDouble());
    }
}
