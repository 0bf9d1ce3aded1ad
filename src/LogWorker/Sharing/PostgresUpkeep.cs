using Npgsql;

namespace LogPipeline.Worker.Sharing;

/// <summary>Keeps a worker's lease, also while its writer waits for a disk, and forgets what the retention lets go.</summary>
sealed class PostgresUpkeep(NpgsqlDataSource source, PostgresClaimsOptions options, Guid worker, WorkerLease lease, TimeProvider time) : IAsyncDisposable
{
    static readonly TimeSpan ForgetInterval = TimeSpan.FromMinutes(10);
    const int RowsAtATime = 10_000;

    readonly CancellationTokenSource _stop = new();
    Task? _loop;
    long? _forgotAt;

    public void Start() => _loop ??= Task.Run(RunAsync);

    /// <summary>Says that the worker is there. False: it was silent for longer than the lease, and stays so to the others.</summary>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        var sent = lease.Now();
        await using var command = source.CreateCommand("update logpipeline_workers set seen = now() where worker = $1 and seen > now() - $2");
        command.Parameters.Add(new NpgsqlParameter { Value = worker });
        command.Parameters.Add(new NpgsqlParameter { Value = options.Lease });
        var isInTime = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false) == 1;
        if (isInTime) lease.Renew(sent);
        else lease.Lose();
        return isInTime;
    }

    /// <summary>Forgets the oldest receipts, as the ledger on disk does, and workers that were not heard of for as long.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
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
            "delete from logpipeline_workers as w where seen < now() - $1 and not exists (select from logpipeline_batches as b where b.worker = w.worker)");
        workers.Parameters.Add(new NpgsqlParameter { Value = options.Retention });
        await workers.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_loop is not null) await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(lease.Length / 5, time, _stop.Token).ConfigureAwait(false);
                await RenewAsync(_stop.Token).ConfigureAwait(false);
                if (_forgotAt is { } at && time.GetElapsedTime(at) < ForgetInterval) continue;
                _forgotAt = time.GetTimestamp();
                await ForgetAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException or OperationCanceledException)
            {
                // The writer finds out when it asks, and says so; the lease ends by itself.
            }
        }
    }
}
