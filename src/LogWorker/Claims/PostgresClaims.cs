using Npgsql;

namespace LogPipeline.Worker.Claims;

// A claim is a row that its worker made, in one statement, before its intent. Others take it over only when its worker
// was not heard of for the lease, has no session at the database either (a paused process keeps its), and the database
// itself has been up that long. So a worker that is killed and back within the lease finishes by itself what it had
// begun, and one that is paused finds everything as it was. One that was taken over finds out at every step that asks
// the database, by the row's epoch, and, just before it writes lines, by its own clock (WorkerLease).

/// <summary>The shared ledger in PostgreSQL: several machines, each batch written by one of them.</summary>
sealed class PostgresClaims : IBatchClaims
{
    /// <summary>After a failure the next one follows without asking.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly NpgsqlDataSource _source;
    readonly PostgresClaimsOptions _options;
    readonly TimeProvider _time;
    readonly StoreDirectory _root;
    readonly WorkerLease _lease;

    // Owned by the writer's loop.
    Guid _worker;
    PostgresUpkeep? _upkeep;
    readonly Dictionary<BatchId, int> _epochs = [];
    bool _hasSchema;
    (long At, string Reason)? _failed;

    /// <param name="root">The worker's log directory.</param>
    /// <param name="options">Where the ledger is.</param>
    /// <param name="time">Measures the lease as this worker knows it.</param>
    public PostgresClaims(StoreDirectory root, PostgresClaimsOptions options, TimeProvider time)
    {
        (_root, _options, _time) = (root, options, time);
        _source = NpgsqlDataSource.Create(options.Connection);
        _lease = new WorkerLease(options.Lease, time);
    }

    public Task<IReadOnlySet<BatchId>> ResumeAsync(IReadOnlyCollection<BatchId> begun,
        Func<BatchId, LedgerEntry?> find) => AskAsync<IReadOnlySet<BatchId>>(async () =>
    {
        if (!_hasSchema) await PostgresSchema.EnsureAsync(_source).ConfigureAwait(false);
        _hasSchema = true;
        if (_worker == Guid.Empty) _worker = PostgresClaimsOptions.WorkerOf(_root);
        _epochs.Clear();
        var sent = _lease.Now();
        await ExecuteAsync(
            "insert into logpipeline_workers (worker, name, seen) values ($1, $2, now()) on conflict (worker) do "
            + "update set name = excluded.name, seen = now()",
            _worker, _options.Name).ConfigureAwait(false);
        _lease.Begin(sent);
        _upkeep ??= new PostgresUpkeep(_source, _options, _worker, _lease, _time);
        await _upkeep.StartAsync().ConfigureAwait(false);
        var others = begun.Count == 0 ? new Dictionary<BatchId, BatchClaim>() : await ClaimNowAsync(begun)
            .ConfigureAwait(false);
        await SettleAsync(begun, find).ConfigureAwait(false);
        return others.Keys.ToHashSet();
    });

    public Task<IReadOnlyDictionary<BatchId, BatchClaim>> ClaimAsync(IReadOnlyCollection<BatchId> batches) =>
        AskAsync<IReadOnlyDictionary<BatchId, BatchClaim>>(async () => await ClaimNowAsync(batches)
            .ConfigureAwait(false));

    public void RequireClaims() => _lease.Require();

    public Task<IReadOnlyList<string>> ReceiveAsync(IReadOnlyCollection<LedgerEntry> entries) =>
        AskAsync<IReadOnlyList<string>>(async () =>
    {
        LedgerEntry[] open = [.. entries.Where(entry => _epochs.ContainsKey(entry.Id))];
        if (open.Length == 0) return [];
        var received = await ReadAsync(
            """
            update logpipeline_batches as b set receipt = r.receipt, at = now()
            from unnest($1::text[], $2::int[], $3::text[]) as r (batch, epoch, receipt)
            where b.batch = r.batch and b.epoch = r.epoch and b.worker = $4 returning b.batch
            """,
            row =>
                row.GetString(0), Ids(open), open.Select(entry => _epochs[entry.Id])
                    .ToArray(), open.Select(entry => Encoding.UTF8.GetString(entry.ToBytes())).ToArray(), _worker)
                    .ConfigureAwait(false);
        foreach (var entry in open) _epochs.Remove(entry.Id);
        return [.. Ids(open).Except(received)];
    });

    public Task<IReadOnlySet<BatchId>> ElsewhereAsync(IReadOnlyCollection<BatchId> batches) =>
        AskAsync<IReadOnlySet<BatchId>>(async () =>
        (await ReadAsync("select batch from logpipeline_batches where batch = any ($1) and worker <> $2 and receipt "
            + "is not null", row => BatchId.Parse(row.GetString(0)), Ids(batches), _worker).ConfigureAwait(false)).ToHashSet());

    public async ValueTask DisposeAsync()
    {
        if (_upkeep is not null) await _upkeep.DisposeAsync().ConfigureAwait(false);
        await _source.DisposeAsync().ConfigureAwait(false);
    }

    async Task<Dictionary<BatchId, BatchClaim>> ClaimNowAsync(IReadOnlyCollection<BatchId> batches)
    {
        // A worker that was silent for too long resumes first.
        if (!await _upkeep!.RenewAsync(CancellationToken.None).ConfigureAwait(false)) _lease.Require();
        var ids = Ids(batches);
        var mine = await ReadAsync(
            """
            insert into logpipeline_batches as b (batch, worker, epoch, at)
            select batch, $2, 1, now() from unnest($1::text[]) as batch order by batch
            on conflict (batch) do update set worker = excluded.worker, epoch = b.epoch + 1, at = now()
            where b.receipt is null and (b.worker = excluded.worker or (pg_postmaster_start_time() < now() - $3
                and not exists (select from logpipeline_workers as w where w.worker = b.worker and w.seen > now() - $3)
                and not exists (select from pg_locks as l where l.locktype = 'advisory' and l.objsubid = 1
                    and ((l.classid::bigint << 32) | l.objid::bigint) = logpipeline_session(b.worker))))
            returning batch, epoch
            """,
            row =>
                (BatchId.Parse(row.GetString(0)), row.GetInt32(1)), ids, _worker, _options.Lease).ConfigureAwait(false);
        foreach (var (id, epoch) in mine) _epochs[id] = epoch;
        var claims = new Dictionary<BatchId, BatchClaim>();
        if (mine.Count == ids.Length) return claims;
        var others = await ReadAsync(
            """
            select b.batch, b.receipt, coalesce(w.name, b.worker::text), coalesce(extract(epoch from now() - w.seen), 0)::float8
            from logpipeline_batches as b left join logpipeline_workers as w using (worker) where b.batch = any ($1)
            """,
            row =>
                (Id: BatchId.Parse(row.GetString(0)), Receipt: row.IsDBNull(1) ? null : row.GetString(1),
                    Worker: row.GetString(2), Silent: row.GetDouble(3)),
            // An array of texts would pass for all the values.
            (object)ids.Except(mine.Select(one => one.Item1.ToString())).ToArray()).ConfigureAwait(false);
        foreach (var (id, receipt, worker, silent) in others)
            claims[id] = receipt is null
                ? new BatchClaim(worker, null,
                    string.Create(CultureInfo.InvariantCulture, $"last heard of {silent:f0} s ago"))
                : new BatchClaim(worker, LedgerEntry.FromBytes(Encoding.UTF8.GetBytes(receipt)));
        // Removed between the two queries, by a retention or release: the next attempt gets the result.
        foreach (var id in batches.Where(id => !_epochs.ContainsKey(id) && !claims.ContainsKey(id)))
            claims[id] = new BatchClaim("unknown", null, "its claim was just released");
        return claims;
    }

    // What an earlier life claimed: written, it gets its receipt; never begun, it is anybody's.
    async Task SettleAsync(IReadOnlyCollection<BatchId> begun, Func<BatchId, LedgerEntry?> find)
    {
        var open = await ReadAsync(
            "select batch, epoch from logpipeline_batches where worker = $1 and receipt is null", row =>
                (Id: BatchId.Parse(row.GetString(0)), Epoch: row.GetInt32(1)), _worker).ConfigureAwait(false);
        var written = new List<LedgerEntry>();
        var released = new List<string>();
        foreach (var (id, epoch) in open)
        {
            if (begun.Contains(id)) continue;
            if (find(id) is { } entry)
            {
                _epochs[id] = epoch;
                written.Add(entry);
            }
            else released.Add(id.ToString());
        }
        if (written.Count > 0) await ReceiveAsync(written).ConfigureAwait(false);
        if (released.Count > 0)
            await ExecuteAsync("delete from logpipeline_batches where batch = any ($1) and worker = $2 and "
                + "receipt is null", released.ToArray(), _worker).ConfigureAwait(false);
    }

    async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        if (_failed is { } failed && _time.GetElapsedTime(failed.At) < Pause)
            throw new ClaimsUnavailableException(failed.Reason);
        try
        {
            var answer = await ask().ConfigureAwait(false);
            _failed = null;
            return answer;
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or System.Net.Sockets.SocketException)
        {
            var reason =
                $"the shared ledger {_options.DisplayName} does not answer ({e.Message.ReplaceLineEndings(" ")}), so "
                + $"nobody knows whether another worker has it";
            _failed = (_time.GetTimestamp(), reason);
            throw new ClaimsUnavailableException(reason, e);
        }
    }

    async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] values)
    {
        await using var command = Command(sql, values);
        await using var rows = await command.ExecuteReaderAsync().ConfigureAwait(false);
        var all = new List<T>();
        while (await rows.ReadAsync().ConfigureAwait(false)) all.Add(read(rows));
        return all;
    }

    NpgsqlCommand Command(string sql, object[] values)
    {
        var command = _source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    static string[] Ids(IEnumerable<BatchId> batches) => [.. batches.Select(id => id.ToString())];

    static string[] Ids(IEnumerable<LedgerEntry> entries) => [.. entries.Select(entry => entry.Batch)];
}
