using Npgsql;

namespace LogPipeline.Worker.Claims;

/// <summary>
/// Keeps a worker's lease and its session, also while its writer waits for a disk, and removes expired receipts.
/// </summary>
sealed class PostgresUpkeep(NpgsqlDataSource source, PostgresClaimsOptions options, Guid worker, WorkerLease lease,
    TimeProvider time) : IAsyncDisposable
{
    static readonly TimeSpan ExpiryInterval = TimeSpan.FromMinutes(10);
    const int RowsAtATime = 10_000;

    readonly CancellationTokenSource _stop = new();
    bool _isStopped;
    Task? _loop;
    long? _expiredAt;

    // Used by the loop alone once that runs. Its end, whichever way it ends, is what the others see.
    NpgsqlConnection? _session;

    public async Task StartAsync()
    {
        if (_loop is not null) return;
        await HoldSessionAsync().ConfigureAwait(false);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Renews the lease. False: it had run out, and others may have taken the claims.</summary>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var sent = lease.Now();
        await using var command = source.CreateCommand(
            "update logpipeline_workers set seen = now() where worker = $1 and seen > now() - $2");
        command.Parameters.Add(new NpgsqlParameter { Value = worker });
        command.Parameters.Add(new NpgsqlParameter { Value = options.Lease });
        var isInTime = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 1;
        if (isInTime) lease.Renew(sent);
        else lease.Lose();
        return isInTime;
    }

    /// <summary>
    /// Removes the oldest receipts, as the ledger on disk does, and workers that were not heard of for as long.
    /// </summary>
    public async Task RemoveExpiredAsync(CancellationToken cancellationToken)
    {
        await using var command = source.CreateCommand(
            $"""
            delete from logpipeline_batches where batch in (
                select batch from logpipeline_batches where at < now() - $1
                    or (receipt is not null and at < (select at from logpipeline_batches where receipt is not null order by at desc offset $2 limit 1))
                order by at limit {RowsAtATime})
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = options.Retention });
        command.Parameters.Add(new NpgsqlParameter { Value = options.ReceiptsMax });
        while (await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == RowsAtATime) { }
        await using var workers = source.CreateCommand(
            "delete from logpipeline_workers as w where seen < now() - $1 and not exists (select from "
            + "logpipeline_batches as b where b.worker = w.worker)");
        workers.Parameters.Add(new NpgsqlParameter { Value = options.Retention });
        await workers.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        // Comes a second time when the writer is disposed twice.
        if (_isStopped) return;
        _isStopped = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_loop is not null) await _loop.ConfigureAwait(false);
        if (_session is not null) await _session.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    /// <exception cref="ClaimsUnavailableException">A copy of this log directory is in use by another
    /// worker.</exception>
    async Task HoldSessionAsync()
    {
        if (_session is not null && await IsOpenAsync(_session).ConfigureAwait(false)) return;
        if (_session is not null) await _session.DisposeAsync().ConfigureAwait(false);
        _session = null;
        // Not of the pool, which would keep it open, and its lock with it, when it is disposed.
        var session = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(options.Connection) { Pooling = false,
            TcpKeepAlive = true }.ConnectionString);
        try
        {
            await session.OpenAsync(_stop.Token).ConfigureAwait(false);
            // The server finds out that a machine is gone, too.
            await using var own = new NpgsqlCommand(
                "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3", session);
            await own.ExecuteNonQueryAsync(_stop.Token).ConfigureAwait(false);
            await using var take = new NpgsqlCommand("select pg_try_advisory_lock(logpipeline_session($1))", session);
            take.Parameters.Add(new NpgsqlParameter { Value = worker });
            if (await take.ExecuteScalarAsync(_stop.Token).ConfigureAwait(false) is not true)
                throw new ClaimsUnavailableException($"another process is known to the shared ledger by the id of "
                    + $"this log directory; if the directory was copied, remove "
                    + $"{LedgerEntry.DirectoryName}/{PostgresClaimsOptions.IdFile} in the copy before its worker "
                    + $"is started");
            _session = session;
        }
        finally
        {
            if (_session != session) await session.DisposeAsync().ConfigureAwait(false);
        }
    }

    async Task<bool> IsOpenAsync(NpgsqlConnection session)
    {
        try
        {
            await using var ask = new NpgsqlCommand("select 1", session);
            await ask.ExecuteScalarAsync(_stop.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException or TimeoutException
            or System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(lease.Length / 5, time, _stop.Token).ConfigureAwait(false);
                await RenewAsync(_stop.Token).ConfigureAwait(false);
                await HoldSessionAsync().ConfigureAwait(false);
                if (_expiredAt is { } at && time.GetElapsedTime(at) < ExpiryInterval) continue;
                _expiredAt = time.GetTimestamp();
                await RemoveExpiredAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException
                or ClaimsUnavailableException or OperationCanceledException)
            {
                // The writer gets the error when it asks, and reports it; the lease ends by itself.
            }
        }
    }
}
