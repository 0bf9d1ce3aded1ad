using System.Diagnostics;

namespace LogPipeline.TestSupport;

/// <summary>Waits for what another process does and does not announce. Inside one process use a signal instead.</summary>
public static class Eventually
{
    /// <summary>Asks until the answer satisfies <paramref name="enough"/>; returns it. Fails with the last answer.</summary>
    public static async Task<T> GetAsync<T>(Func<Task<T>> ask, Func<T, bool> enough, TimeSpan waitMax, TimeSpan? interval =
        null, Func<string>? explain = null)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var answer = await ask();
            if (enough(answer)) return answer;
            if (watch.Elapsed > waitMax)
                throw new TimeoutException($"After {waitMax} the answer was still '{answer}'. {explain?.Invoke()}");
            await Task.Delay(interval ?? TimeSpan.FromMilliseconds(100));
        }
    }

    public static Task TrueAsync(Func<Task<bool>> ask, TimeSpan waitMax, TimeSpan? interval = null, Func<string>? explain = null) =>
        GetAsync(ask, yes => yes, waitMax, interval, explain);
}
