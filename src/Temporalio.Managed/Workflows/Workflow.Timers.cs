namespace Temporalio.Workflows;

public static partial class Workflow
{
    /// <summary>Waits by a timer of the server's.</summary>
    /// <param name="millisecondsDelay">-1 waits for cancellation; 0 counts as 1.</param>
    /// <param name="cancellationToken">Null: the workflow's own.</param>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static Task DelayAsync(int millisecondsDelay, CancellationToken? cancellationToken = null) =>
        DelayAsync(TimeSpan.FromMilliseconds(millisecondsDelay), cancellationToken);

    /// <inheritdoc cref="DelayAsync(int, CancellationToken?)" />
    public static Task DelayAsync(TimeSpan delay, CancellationToken? cancellationToken = null) =>
        DelayWithOptionsAsync(new(delay, cancellationToken: cancellationToken));

    /// <inheritdoc cref="DelayAsync(int, CancellationToken?)" />
    public static Task DelayWithOptionsAsync(DelayOptions options) => Context.DelayWithOptionsAsync(options);

    /// <summary>Waits until a condition over the workflow's state holds. It is asked again whenever the workflow has moved.</summary>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static Task WaitConditionAsync(Func<bool> conditionCheck, CancellationToken? cancellationToken = null) =>
        Context.WaitConditionAsync(new(conditionCheck, cancellationToken: cancellationToken));

    /// <returns>False when the time was up first.</returns>
    public static Task<bool> WaitConditionAsync(Func<bool> conditionCheck, int timeoutMilliseconds, CancellationToken? cancellationToken = null) =>
        WaitConditionAsync(conditionCheck, TimeSpan.FromMilliseconds(timeoutMilliseconds), cancellationToken);

    /// <returns>False when the time was up first.</returns>
    public static Task<bool> WaitConditionAsync(Func<bool> conditionCheck, TimeSpan timeout, CancellationToken? cancellationToken = null) =>
        Context.WaitConditionAsync(new(conditionCheck, timeout, cancellationToken: cancellationToken));

    /// <returns>False when the time was up first.</returns>
    public static Task<bool> WaitConditionWithOptionsAsync(WaitConditionOptions options) => Context.WaitConditionAsync(options);
}
