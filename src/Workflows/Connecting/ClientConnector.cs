using Temporalio.Client;

namespace LogPipeline.Workflows.Connecting;

/// <summary>
/// Holds a process's one client of Temporal, and makes it. Connecting cannot be ended, so one that takes longer than its
/// caller waits goes on, and the next call takes it up; a fresh one begins beside it only when it has had a whole call and
/// somebody answers at the address now, for then its own connection is dead. More than two are never under way.
/// </summary>
/// <param name="read">The options as they are now; called before every connect, so that changed credentials are seen.</param>
/// <param name="connect">Connects.</param>
/// <param name="knock">Ends when somebody answers at the address, in whatever way; can be cancelled. Null: taken for granted.</param>
/// <param name="time">The time.</param>
sealed class ClientConnector(
    Func<TemporalClientConnectOptions> read, Func<TemporalClientConnectOptions, Task<ITemporalClient>> connect,
    Func<TemporalClientConnectOptions, CancellationToken, Task>? knock, TimeProvider time)
{
    const int UnderWayMax = 2;

    /// <summary>After so long one counts as lost: a TLS greeting that nobody answers has no end of its own.</summary>
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    readonly Lock _gate = new();
    // Under the gate.
    readonly List<Attempt> _underWay = [];
    ITemporalClient? _client;
    TemporalClientConnectOptions? _given;

    public bool HasClient
    {
        get { lock (_gate) return _client is not null; }
    }

    /// <summary>The options that were read last.</summary>
    public TemporalClientConnectOptions? Given
    {
        get { lock (_gate) return _given; }
    }

    /// <summary>How many connects have neither succeeded nor failed yet.</summary>
    public int UnderWay
    {
        get { lock (_gate) return _underWay.Count(attempt => !attempt.Client.IsCompleted); }
    }

    /// <exception cref="Exception">The connect failed, in this call or in an earlier one that did not wait for it; see
    /// <see cref="ConnectProblem"/>.</exception>
    public async Task<ITemporalClient> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate) if (_client is { } client) return client;
        var given = read();
        Task<ITemporalClient>[] earlier;
        lock (_gate)
        {
            _given = given;
            earlier = Usable();
        }
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            var answered = knock is null ? Task.CompletedTask : knock(given, enough.Token);
            var first = await Task.WhenAny([.. earlier, answered]).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (first == answered)
            {
                cancellationToken.ThrowIfCancellationRequested();
                first = await Task.WhenAny(Begin(given)).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            return Adopt((Task<ITemporalClient>)first, await ((Task<ITemporalClient>)first).ConfigureAwait(false));
        }
        finally
        {
            await enough.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The client is of no more use; the next call makes another.</summary>
    public void Leave(ITemporalClient client)
    {
        lock (_gate)
            if (_client == client)
            {
                _client = null;
                // What has connected beside it meanwhile is as old as it.
                _underWay.RemoveAll(attempt => attempt.Client.IsCompleted);
            }
    }

    Task<ITemporalClient>[] Begin(TemporalClientConnectOptions given)
    {
        lock (_gate)
        {
            var usable = Usable();
            if (_underWay.Count(attempt => !attempt.Client.IsCompleted) >= UnderWayMax) return usable;
            var begun = connect(given);
            // Nobody may be left to wait for it.
            _ = begun.ContinueWith(
                task => task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            _underWay.Add(new Attempt(begun, time.GetTimestamp()));
            return [.. usable, begun];
        }
    }

    /// <summary>Those that may become the client. One that failed after its last caller had gone has told nobody, and is no news any
    /// more.</summary>
    Task<ITemporalClient>[] Usable()
    {
        _underWay.RemoveAll(attempt =>
            attempt.Client.IsFaulted || attempt.Client.IsCanceled || time.GetElapsedTime(attempt.Since) > Longest);
        return [.. _underWay.Select(attempt => attempt.Client)];
    }

    ITemporalClient Adopt(Task<ITemporalClient> adopted, ITemporalClient client)
    {
        lock (_gate)
        {
            _underWay.RemoveAll(attempt => attempt.Client == adopted);
            return _client = client;
        }
    }

    sealed record Attempt(Task<ITemporalClient> Client, long Since);
}
