using Temporalio.Client;

namespace LogPipeline.Workflows.Connecting;

/// <summary>
/// Holds a process's one client of Temporal, and makes it. A connect cannot be cancelled, so one that takes longer than
/// its caller waits goes on, and the next call waits for it too. A second connect begins beside it only when the first
/// one has had a whole call and a server answers at the address now: then the first one's connection is dead. More than
/// two never run at once.
/// </summary>
/// <param name="read">The options as they are now; called before every connect, so that changed credentials are
/// seen.</param>
/// <param name="connect">Connects.</param>
/// <param name="probe">Ends when a server answers at the address, in whatever way; can be cancelled. Null: no
/// probe.</param>
/// <param name="time">The clock.</param>
sealed class ClientConnector(
    Func<TemporalClientConnectOptions> read, Func<TemporalClientConnectOptions, Task<ITemporalClient>> connect,
    Func<TemporalClientConnectOptions, CancellationToken, Task>? probe, TimeProvider time)
{
    const int UnderWayMax = 2;

    /// <summary>
    /// After this time a connect counts as lost: a TLS handshake that gets no answer has no timeout of its own.
    /// </summary>
    static readonly TimeSpan ConnectTimeMax = TimeSpan.FromMinutes(1);

    readonly Lock _gate = new();
    // Under the gate.
    readonly List<(Task<ITemporalClient> Client, long Since)> _underWay = [];
    ITemporalClient? _client;
    TemporalClientConnectOptions? _given;

    public bool HasClient
    {
        get { lock (_gate) return _client is not null; }
    }

    /// <summary>The options that were read last.</summary>
    public TemporalClientConnectOptions? LastOptions
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
            var answered = probe is null ? Task.CompletedTask : probe(given, enough.Token);
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

    /// <summary>Drops a client that is of no more use; the next call makes another.</summary>
    public void Drop(ITemporalClient client)
    {
        lock (_gate)
            if (_client == client)
            {
                _client = null;
                // What has connected beside it meanwhile is as old.
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
            // Its last caller may be gone when it fails.
            _ = begun.ContinueWith(
                task =>
                    task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted,
                    TaskScheduler.Default);
            _underWay.Add((begun, time.GetTimestamp()));
            return [.. usable, begun];
        }
    }

    /// <summary>
    /// Connects that may still become the client. One that failed after its last caller had gone is left out
    /// unreported.
    /// </summary>
    Task<ITemporalClient>[] Usable()
    {
        _underWay.RemoveAll(attempt =>
            attempt.Client.IsFaulted || attempt.Client.IsCanceled
                || time.GetElapsedTime(attempt.Since) > ConnectTimeMax);
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
}
