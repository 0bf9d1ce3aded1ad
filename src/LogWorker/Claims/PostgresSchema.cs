using Npgsql;

namespace LogPipeline.Worker.Claims;

// logpipeline_batches    a row a batch, from its claim on: which worker writes it; the receipt once it has
// logpipeline_workers a row a worker (a log directory, to be exact: that is where intents are): when it was last heard
// of logpipeline_schema one row: the version of all this
//
// A worker's session holds an advisory lock of the number logpipeline_session(worker). All times are the database's
// own, so that the machines' clocks do not matter. epoch counts a batch's owners: whoever was replaced and comes back
// finds another number.

/// <summary>The tables of the shared ledger, made by the first worker.</summary>
static class PostgresSchema
{
    const int Version = 1;

    // Two that make the same table at once would fail at the system's own; the lock goes with the transaction.
    const string Create = """
        select pg_advisory_xact_lock(7083164230165123);
        create table if not exists logpipeline_schema (version int not null);
        insert into logpipeline_schema select 1 where not exists (select from logpipeline_schema);
        create table if not exists logpipeline_workers (
            worker uuid primary key, name text not null, seen timestamptz not null);
        create table if not exists logpipeline_batches (
            batch text primary key, worker uuid not null, epoch int not null, at timestamptz not null, receipt text);
        create index if not exists logpipeline_batches_at on logpipeline_batches (at);
        create index if not exists logpipeline_batches_open on logpipeline_batches (worker) where receipt is null;
        create or replace function logpipeline_session(worker uuid) returns bigint language sql immutable
            as 'select hashtextextended(worker::text, 0) & 9223372036854775807';
        """;

    /// <exception cref="ClaimsUnavailableException">A newer worker has made it.</exception>
    public static async Task EnsureAsync(NpgsqlDataSource source)
    {
        await using var connection = await source.OpenConnectionAsync().ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync().ConfigureAwait(false);
        await using (var create = new NpgsqlCommand(Create, connection,
            transaction)) await create.ExecuteNonQueryAsync().ConfigureAwait(false);
        await using (var read = new NpgsqlCommand("select max(version) from logpipeline_schema",
            connection, transaction))
            if (await read.ExecuteScalarAsync().ConfigureAwait(false) is int version and not Version)
                throw new ClaimsUnavailableException($"The shared ledger has version {version}; this worker knows "
                    + $"version {Version}. Start workers of one version.");
        await transaction.CommitAsync().ConfigureAwait(false);
    }
}
