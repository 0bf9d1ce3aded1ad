using Temporalio.Exceptions;

namespace Temporalio.Worker.Tuning;

/// <summary>How many polls to have open, poll by poll: the server's suggestions, and caution when it is in trouble.</summary>
sealed class PollerScaler(PollerBehavior behavior)
{
    readonly int _minimum = behavior is PollerBehavior.Autoscaling scaling ? Math.Max(1, scaling.Minimum) : 1;
    readonly int _maximum = behavior is PollerBehavior.Autoscaling scaling ? Math.Max(1, scaling.Maximum) : 1;
    readonly bool _fixed = behavior is PollerBehavior.SimpleMaximum;

    // A server that never suggests anything would never ask for more again, so nothing is taken away for it.
    bool _hasSuggestions;

    public int Target { get; private set; } = behavior switch
    {
        PollerBehavior.SimpleMaximum simple => Math.Max(1, simple.Maximum),
        PollerBehavior.Autoscaling scaling => Math.Clamp(scaling.Initial, Math.Max(1, scaling.Minimum), Math.Max(1, scaling.Maximum)),
        _ => throw new ArgumentException($"Unknown poller behavior {behavior}."),
    };

    /// <param name="suggestion">How many more or fewer the server wants; null: it says nothing.</param>
    /// <param name="empty">The poll brought no task.</param>
    public void Polled(int? suggestion, bool empty)
    {
        if (suggestion is { } delta)
        {
            _hasSuggestions = true;
            Set(Target + delta);
        }
        else if (empty && _hasSuggestions)
        {
            Set(Target - 1);
        }
    }

    public void Failed(Exception error) =>
        Set(error is RpcException { Code: RpcException.StatusCode.ResourceExhausted } ? Target / 2 : Target - 1);

    /// <summary>No more than so many of a fixed number from now on.</summary>
    public void Limit(int maximum)
    {
        if (_fixed) Target = Math.Min(Target, maximum);
    }

    void Set(int target)
    {
        if (!_fixed) Target = Math.Clamp(target, _minimum, Math.Max(_minimum, _maximum));
    }
}
