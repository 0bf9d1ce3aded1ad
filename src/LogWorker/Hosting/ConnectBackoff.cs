namespace LogPipeline.Worker.Hosting;

/// <summary>Waits between attempts to connect: half a second, doubled up to ten, less up to a quarter by chance.</summary>
sealed class ConnectBackoff(Random chance)
{
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    TimeSpan _next = TimeSpan.FromMilliseconds(500);

    public TimeSpan Next()
    {
        var delay = _next;
        _next = _next * 2 < Longest ? _next * 2 : Longest;
        return delay * (1 - 0.25 * chance.NextDouble());
    }
}
