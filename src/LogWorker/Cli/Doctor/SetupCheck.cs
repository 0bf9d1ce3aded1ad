using System.Runtime.CompilerServices;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>One check, with its bound.</summary>
/// <param name="Name">As in its result.</param>
/// <param name="RunAsync">Looks, and ends soon after its token is cancelled.</param>
sealed record SetupCheck(string Name, Func<CancellationToken, Task<CheckResult>> RunAsync)
{
    /// <summary>Longest time for a check that names no other.</summary>
    public static readonly TimeSpan DefaultTimeMax = TimeSpan.FromSeconds(6);

    public TimeSpan TimeMax { get; init; } = DefaultTimeMax;

    /// <summary>What lies behind it could only fail for the same reason, and is not run when it fails.</summary>
    public bool IsGate { get; init; }

    public static SetupCheck Of(string name, Func<CheckResult> look) => new(name, _ => Task.Run(look, CancellationToken.None));

    /// <summary>Runs checks one after the other, each within its own time.</summary>
    public static async IAsyncEnumerable<CheckResult> RunAllAsync(IEnumerable<SetupCheck> checks,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? gate = null;
        foreach (var check in checks)
        {
            var result = gate is null ? await check.RunOneAsync(cancellationToken).ConfigureAwait(false)
                : CheckResult.Skipped(check.Name, $"Not looked at, as {gate} failed.") with { IsBehindFailed = true };
            if (check.IsGate && result.HasFailed) gate ??= check.Name;
            yield return result;
        }
    }

    async Task<CheckResult> RunOneAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeMax);
        try
        {
            // A disk that hangs cannot be cancelled.
            return await RunAsync(limit.Token).WaitAsync(TimeMax + TimeSpan.FromSeconds(1), cancellationToken)
                .ConfigureAwait(false);
        }
        // The edge of the loop: whatever one check meets, the others are of use.
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var reason = e is OperationCanceledException or TimeoutException
                ? $"no end within {TimeMax.TotalSeconds:0} s" : e.Message.TrimEnd('.');
            return CheckResult.Failed(Name, $"It could not be checked: {reason}.", "Mend that, and run this again.");
        }
    }
}
