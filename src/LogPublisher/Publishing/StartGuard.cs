using LogPipeline.Publisher.Buffering;
using Polly;
using Polly.CircuitBreaker;

namespace LogPipeline.Publisher.Publishing;

/// <summary>How long the guard waits after what.</summary>
/// <param name="StartTimeout">Longest wait for one start, retries of the client included.</param>
/// <param name="BreakMax">Longest time between two trials of a Temporal that was not reached.</param>
/// <param name="BusyMax">Longest wait after Temporal asked for less.</param>
/// <param name="DeniedDelay">Wait after an answer that only people can change.</param>
readonly record struct StartTimes(TimeSpan StartTimeout, TimeSpan BreakMax, TimeSpan BusyMax, TimeSpan DeniedDelay)
{
    public static StartTimes Default { get; } = new(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30));
}

/// <summary>
/// Stands between the publish loop and Temporal: a deadline on every start, a circuit breaker, and the time before which
/// nothing may be tried again. Starts come one at a time, so the first one after a break is the only one on trial.
/// Owned by the publish loop; <see cref="State"/> and <see cref="LastError"/> may be read by anyone.
/// </summary>
sealed class StartGuard
{
    static readonly TimeSpan FirstBreak = TimeSpan.FromSeconds(1);
    static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);

    readonly IBatchStarter _starter;
    readonly StartTimes _times;
    readonly TimeProvider _time;
    readonly Random _chance;
    readonly CircuitBreakerStateProvider _state = new();
    readonly ResiliencePipeline<PublishOutcome> _breaker;
    int _breaks;
    int _busy;
    TimeSpan _lastBreak;
    long _waitFrom;
    TimeSpan _wait;
    volatile string? _lastError;

    public StartGuard(IBatchStarter starter, StartTimes times, TimeProvider time, Random chance)
    {
        _starter = starter;
        _times = times;
        _time = time;
        _chance = chance;
        _breaker = new ResiliencePipelineBuilder<PublishOutcome> { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<PublishOutcome>
            {
                // The client has repeated a start within its deadline already, so a failed one says that Temporal is away
                // now, however many went well before.
                FailureRatio = 0.0001,
                MinimumThroughput = 2,
                SamplingDuration = TimeSpan.FromSeconds(30),
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result.Kind == OutcomeKind.Unreachable),
                BreakDurationGenerator = _ => ValueTask.FromResult(_lastBreak = Backoff(FirstBreak, _breaks++, _times.BreakMax)),
                StateProvider = _state,
            })
            .Build();
    }

    public BreakerState State => _state.CircuitState switch
    {
        CircuitState.Closed => BreakerState.Closed,
        CircuitState.HalfOpen => BreakerState.HalfOpen,
        _ => BreakerState.Open,
    };

    public string? LastError => _lastError;

    /// <summary>The last start was accepted, or none was tried yet.</summary>
    public bool IsReachable { get; private set; } = true;

    /// <summary>How long until a start may be tried; zero or less: now.</summary>
    public TimeSpan RetryIn => _wait == TimeSpan.Zero ? TimeSpan.Zero : _wait - _time.GetElapsedTime(_waitFrom);

    /// <summary>Tries one start. Call <see cref="Note"/> with the outcome before the next one.</summary>
    public async Task<PublishOutcome> StartAsync(FrozenBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await _breaker.ExecuteAsync(async token => await AttemptAsync(batch, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (BrokenCircuitException e)
        {
            _lastBreak = e.RetryAfter ?? FirstBreak;
            return new PublishOutcome(OutcomeKind.Unreachable, _lastError ?? "");
        }
        catch (OperationCanceledException)
        {
            return new PublishOutcome(OutcomeKind.Unreachable, "The sink was closed before the start was tried.");
        }
    }

    public void Note(PublishOutcome outcome)
    {
        IsReachable = outcome.Kind is OutcomeKind.Accepted or OutcomeKind.Refused;
        _wait = outcome.Kind switch
        {
            OutcomeKind.Unreachable => State == BreakerState.Closed ? Backoff(FirstRetry, 0, _times.BreakMax) : _lastBreak,
            OutcomeKind.Busy => Backoff(TimeSpan.FromSeconds(1), _busy++, _times.BusyMax),
            OutcomeKind.Denied => _times.DeniedDelay,
            _ => TimeSpan.Zero,
        };
        _waitFrom = _time.GetTimestamp();
        if (IsReachable) _breaks = _busy = 0;
        _lastError = outcome.Kind == OutcomeKind.Accepted ? null : outcome.Reason;
    }

    async Task<PublishOutcome> AttemptAsync(FrozenBatch batch, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_times.StartTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // The starter is told of the deadline; one that does not listen is left alone with its attempt.
            return await _starter.StartAsync(batch, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PublishOutcome(OutcomeKind.Unreachable, $"Temporal did not answer within {_times.StartTimeout.TotalSeconds:0.###} s.", IsAmbiguous: true);
        }
        catch (OperationCanceledException)
        {
            return new PublishOutcome(OutcomeKind.Unreachable, "The sink was closed before Temporal answered.", IsAmbiguous: true);
        }
        // The edge of the loop: what a client may throw is not ours to list, and the batch is safe with the loop, which
        // tries it again under the same name.
        catch (Exception e)
        {
            return new PublishOutcome(OutcomeKind.Unreachable, $"{e.GetType().Name}: {e.Message}", IsAmbiguous: true);
        }
    }

    /// <summary>Doubles from a first value up to a bound, and spreads the result by a fifth so that processes do not come back in step.</summary>
    TimeSpan Backoff(TimeSpan first, int times, TimeSpan max)
    {
        var wait = first * Math.Pow(2, Math.Min(times, 20));
        if (wait > max) wait = max;
        return wait * (0.8 + 0.2 * _chance.NextDouble());
    }
}
