using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    readonly LinkedList<(Func<bool> Check, TaskCompletionSource Met)> _conditions = [];

    public Task DelayWithOptionsAsync(DelayOptions options) => Outbound.DelayAsync(new(options.Delay, options.CancellationToken, options.Summary));

    async Task DelayAsync(DelayAsyncInput input)
    {
        var cancellationToken = input.CancellationToken ?? CancellationToken;
        cancellationToken.ThrowIfCancellationRequested();
        using var waiting = Waiting();
        if (input.Delay < TimeSpan.Zero && input.Delay != Timeout.InfiniteTimeSpan)
            throw new ArgumentException($"The delay was {input.Delay}; give a positive one, or Timeout.InfiniteTimeSpan to wait for cancellation.");
        if (input.Delay == Timeout.InfiniteTimeSpan)
        {
            var never = new TaskCompletionSource();
            using (cancellationToken.Register(() => never.TrySetCanceled(cancellationToken))) await never.Task;
            return;
        }
        var summary = SummaryOf(input.Summary);
        var delay = input.Delay < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : input.Delay;
        var timer = new TimerMachine(Machines.NextTimerSeq(), delay, summary);
        Machines.Commands.Add(timer);
        using (cancellationToken.Register(() => timer.Cancel(Machines.Commands, cancellationToken))) await timer.Task;
    }

    public async Task<bool> WaitConditionAsync(WaitConditionOptions options)
    {
        AssertMayChange("wait or schedule workflow work");
        var cancellationToken = options.CancellationToken ?? CancellationToken;
        cancellationToken.ThrowIfCancellationRequested();
        if (options.ConditionCheck()) return true;

        using var waiting = Waiting();
        var met = new TaskCompletionSource();
        var node = _conditions.AddLast((options.ConditionCheck, met));
        using var registration = cancellationToken.Register(() => met.TrySetCanceled(cancellationToken));
        try
        {
            if (options.Timeout is not { } timeout || timeout == Timeout.InfiniteTimeSpan)
            {
                await met.Task;
                return true;
            }
            using var timerCancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var timer = DelayWithOptionsAsync(new(timeout, options.TimeoutSummary, timerCancellation.Token));
            if (await Task.WhenAny(met.Task, timer) == met.Task)
            {
                // Not CancelAsync, which would leave the workflow's thread.
                timerCancellation.Cancel();
                await met.Task;
                return true;
            }
            await timer;
            return false;
        }
        finally
        {
            if (node.List != null) _conditions.Remove(node);
        }
    }

    // On the workflow's scheduler, so that a condition may use what workflow code may use.
    bool CheckConditions()
    {
        if (_conditions.Count == 0) return false;
        var check = Task.Factory.StartNew(WakeOne, CancellationToken.None, TaskCreationOptions.None, _scheduler);
        _scheduler.RunQueued();
        return check.GetAwaiter().GetResult();
    }

    // One condition at a time: what it wakes may change the answer of the next.
    bool WakeOne()
    {
        for (var node = _conditions.First; node != null; node = node.Next)
        {
            bool met;
            try
            {
                met = node.Value.Met.Task.IsCompleted || node.Value.Check();
            }
            catch (Exception e)
            {
                // The exception belongs to the code that waits.
                _conditions.Remove(node);
                node.Value.Met.TrySetException(e);
                return true;
            }
            if (!met) continue;
            _conditions.Remove(node);
            node.Value.Met.TrySetResult();
            return true;
        }
        return false;
    }
}
