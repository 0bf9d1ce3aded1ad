using LogPipeline.Publisher.Queue;
using LogPipeline.Workflows.Connecting;
using Polly;
using Polly.CircuitBreaker;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Stands between the publish loop and Temporal: a deadline on every start, a circuit breaker, and the time before
/// which nothing may be tried again. Closed until <see cref="BreakerOptions.After"/> starts in a row have not reached
/// Temporal; then open for a growing time; then half open, with one start on trial, whose outcome closes or opens it
/// again. Temporal's request for less (RESOURCE_EXHAUSTED) and its refusals are answers: they close it. A denial
/// (credentials, namespace) is a state of its own, tried again slowly and left with the first start that is taken. Any
/// thread.
/// </summary>
sealed class StartGuard
{
    /// <summary>Longest wait after Temporal asked for less.</summary>
    static readonly TimeSpan BusyMax = TimeSpan.FromSeconds(10);
    static readonly TimeSpan FirstBreak = TimeSpan.FromSeconds(1);
    static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    const double Jitter = 0.2;
    static readonly TimeSpan RejectedRetry = TimeSpan.FromMilliseconds(20);

    // The breaker's own window is of no use here, as starts are few and the last ones count: it must only be longer
    // than any row of failures.
    static readonly TimeSpan Window = TimeSpan.FromHours(12);

    readonly IBatchStarter _starter;
    readonly TemporalSinkOptions _options;
    readonly TimeProvider _time;
    readonly Random _random;
    readonly string _address;
    readonly CircuitBreakerStateProvider _state = new();
    readonly ResiliencePipeline<PublishOutcome> _breaker;

    readonly Lock _gate = new();
    // Under the gate.
    int _failures;
    int _breaks;
    int _busy;
    long _beganAt;
    TimeSpan _break;
    long _waitFrom;
    TimeSpan _wait;
    bool _isReachable = true;
    bool _isDenied;
    string? _lastError;
    DateTimeOffset? _lastErrorAt;
    bool _isClosed = true;
    DateTimeOffset _since;

    public StartGuard(IBatchStarter starter, TemporalSinkOptions options, TimeProvider time, Random random,
        string address)
    {
        _starter = starter;
        _options = options;
        _time = time;
        _random = random;
        _address = address;
        _since = time.GetUtcNow();
        _breaker = new ResiliencePipelineBuilder<PublishOutcome> { TimeProvider = new MonotonicTime(time) }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<PublishOutcome>
            {
                // The breaker counts rates, and what is wanted is a row: so a failure is shown to it only when the row
                // is long enough.
                FailureRatio = 0,
                MinimumThroughput = 2,
                SamplingDuration = Window,
                ShouldHandle = arguments => ValueTask.FromResult(IsBreaking(arguments.Outcome.Result)),
                BreakDurationGenerator = _ => ValueTask.FromResult(NextBreak()),
                StateProvider = _state,
            })
            .Build();
    }

    /// <summary>The last start was accepted, or none was tried yet.</summary>
    public bool IsReachable
    {
        get { lock (_gate) return _isReachable; }
    }

    /// <summary>How long until a start may be tried; zero or less: now.</summary>
    public TimeSpan RetryIn
    {
        get { lock (_gate) return RetryInNow(); }
    }

    /// <summary>When the breaker was closed last, or ceased to be: the latter of both.</summary>
    public DateTimeOffset Since
    {
        get { lock (_gate) return _since; }
    }

    public string? LastError
    {
        get { lock (_gate) return _lastError; }
    }

    /// <returns>
    /// The breaker, starts in a row that did not reach Temporal, how long until a start may be tried (zero or less:
    /// now), and what was wrong last and when; null after a success.
    /// </returns>
    public (BreakerState State, int Failures, TimeSpan RetryIn, string? LastError,
        DateTimeOffset? LastErrorAt) GetSnapshot()
    {
        // Outside of the gate: the breaker calls NextBreak under a lock of its own.
        var circuit = _state.CircuitState;
        lock (_gate) return (StateOf(circuit), _failures, RetryInNow(), _lastError, _lastErrorAt);
    }

    /// <summary>
    /// Tries one start; while the breaker is open, and beside the one on trial, none. Call <see cref="OnOutcome"/> with
    /// the outcome.
    /// </summary>
    public async Task<PublishOutcome> StartAsync(FrozenBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await _breaker.ExecuteAsync(async token =>
                Counted(await AttemptAsync(batch, token).ConfigureAwait(false)), cancellationToken)
                    .ConfigureAwait(false);
        }
        catch (BrokenCircuitException e)
        {
            lock (_gate)
            {
                _break = e.RetryAfter is { } rest && rest > RejectedRetry ? rest : RejectedRetry;
                return new PublishOutcome(OutcomeKind.Unreachable, _lastError ?? "Another start is on trial.");
            }
        }
        catch (OperationCanceledException)
        {
            return new PublishOutcome(OutcomeKind.Unreachable, "The sink was closed before the start was tried.");
        }
    }

    public void OnOutcome(PublishOutcome outcome)
    {
        var circuit = _state.CircuitState;
        lock (_gate)
        {
            _isDenied = outcome.Kind == OutcomeKind.Denied;
            _isReachable = outcome.Kind is OutcomeKind.Accepted or OutcomeKind.Refused;
            var wait = outcome.Kind switch
            {
                OutcomeKind.Unreachable when circuit != CircuitState.Closed => _break,
                OutcomeKind.Unreachable => new Backoff(FirstRetry, _options.Breaker.IntervalMax, Jitter).After(0, _random),
                OutcomeKind.Busy => new Backoff(TimeSpan.FromSeconds(1), BusyMax, Jitter).After(_busy++, _random),
                OutcomeKind.Denied => _options.Breaker.DeniedDelay,
                _ => TimeSpan.Zero,
            };
            if (_isReachable) _breaks = _busy = 0;
            if (_isClosed != (StateOf(circuit) == BreakerState.Closed))
                (_isClosed, _since) = (!_isClosed, _time.GetUtcNow());
            Wait(wait, outcome.Kind == OutcomeKind.Accepted ? null : outcome.Reason);
        }
    }

    /// <summary>This host, not Temporal, keeps batches from being started: nothing is tried for a while.</summary>
    public void Postpone(string reason)
    {
        lock (_gate) Wait(_options.Breaker.DeniedDelay, reason);
    }

    void Wait(TimeSpan wait, string? error)
    {
        _wait = wait;
        _waitFrom = _time.GetTimestamp();
        _lastError = error;
        _lastErrorAt = error is null ? null : _time.GetUtcNow();
    }

    BreakerState StateOf(CircuitState circuit) => circuit switch
    {
        _ when _isDenied => BreakerState.Denied,
        CircuitState.Closed => BreakerState.Closed,
        CircuitState.HalfOpen => BreakerState.HalfOpen,
        _ => BreakerState.Open,
    };

    TimeSpan RetryInNow() => _wait == TimeSpan.Zero ? TimeSpan.Zero : _wait - _time.GetElapsedTime(_waitFrom);

    PublishOutcome Counted(PublishOutcome outcome)
    {
        lock (_gate) _failures = outcome.Kind == OutcomeKind.Unreachable ? _failures + 1 : 0;
        return outcome;
    }

    bool IsBreaking(PublishOutcome outcome)
    {
        lock (_gate) return outcome.Kind == OutcomeKind.Unreachable && _failures >= _options.Breaker.After;
    }

    /// <summary>
    /// Counted from the beginning of the attempt that failed: one that was never answered has used up its time already,
    /// and a Temporal that is back must not wait for a timeout and a pause on top of it.
    /// </summary>
    TimeSpan NextBreak()
    {
        lock (_gate)
        {
            var rest = new Backoff(FirstBreak, _options.Breaker.IntervalMax, Jitter)
                .After(_breaks++, _random) - _time.GetElapsedTime(_beganAt);
            return _break = rest < FirstRetry ? FirstRetry : rest;
        }
    }

    async Task<PublishOutcome> AttemptAsync(FrozenBatch batch, CancellationToken cancellationToken)
    {
        lock (_gate) _beganAt = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(_options.Timeouts.Start, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            // The starter gets the deadline too; the guard does not wait for one that ignores it.
            return await _starter.StartAsync(batch, either.Token).WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new PublishOutcome(OutcomeKind.Unreachable,
                ConnectProblem.NoAnswer(_address, _options.Timeouts.Start).Sentence, IsAmbiguous: true);
        }
        catch (OperationCanceledException)
        {
            return new PublishOutcome(OutcomeKind.Unreachable, "The sink was closed before Temporal answered.",
                IsAmbiguous: true);
        }
        // The edge of the loop: a client may throw anything, and the batch is safe with the loop, which tries it again
        // under the same name.
        catch (Exception e)
        {
            return new PublishOutcome(OutcomeKind.Unreachable, $"{e.GetType().Name}: {e.Message}", IsAmbiguous: true);
        }
    }
}
