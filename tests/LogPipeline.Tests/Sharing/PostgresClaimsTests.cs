using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Sharing;

/// <summary>
/// Two workers, each on a disk of its own as on two machines, and a real PostgreSQL. The lease is the machine's time, as it is the
/// database's.
/// </summary>
public sealed class PostgresClaimsTests(PostgresServer postgres) : IClassFixture<PostgresServer>, IAsyncLifetime
{
    static readonly TimeSpan Long = TimeSpan.FromMinutes(5);
    static readonly TimeSpan Short = TimeSpan.FromSeconds(1);

    readonly InMemoryDisk _a = new();
    readonly InMemoryDisk _b = new();
    readonly WriterRecorder _events = new();

    public async Task InitializeAsync()
    {
        PostgresServer.SkipIfMissing();
        await postgres.QueryAsync("drop table if exists logpipeline_batches, logpipeline_workers, logpipeline_schema");
    }

    public Task DisposeAsync() => Task.CompletedTask;

    PostgresClaims Claims(InMemoryDisk disk, TimeSpan lease) => new(disk.Root,
        new PostgresClaimsOptions(PostgresClaimsOptions.WithDefaults(postgres.ConnectionString), ReferenceEquals(disk, _a) ? "a" : "b",
            lease, TimeSpan.FromDays(7), 1_000_000), TimeProvider.System);

    LogWriter Start(InMemoryDisk disk, TimeSpan? lease = null)
    {
        var writer = new LogWriter(disk.Root, new LogWriterOptions(), TimeProvider.System, _events, Claims(disk, lease ?? Long));
        writer.Start();
        return writer;
    }

    static List<long> Lines(InMemoryDisk disk) => SomeBatch.Sequences(disk.Root, "app");

    static StoreFault? NoLines(StoreOperation operation) =>
        operation.Verb == StoreVerb.Write && operation.Path.Contains("app/", StringComparison.Ordinal)
            ? new StoreFault(StoreFaultKind.NoSpace) : null;

    async Task<string> AskAsync(string sql) => (await postgres.QueryAsync(sql)).Output;

    [SkippableFact]
    public async Task ABatchIsWrittenByOneWhoeverGetsItAgain()
    {
        await using var a = Start(_a);
        await using var b = Start(_b);
        var first = await a.WriteAsync(SomeBatch.Prepared(1, "app"));
        var there = await b.WriteAsync(SomeBatch.Prepared(1, "app"));
        (there.AlreadyWritten, there.Worker).ShouldBe((true, "a"));
        there.Entry.ToBytes().ShouldBe(first.Entry.ToBytes());
        (await a.WriteAsync(SomeBatch.Prepared(1, "app"))).AlreadyWritten.ShouldBeTrue();
        await Should.ThrowAsync<BatchRefusedException>(() => b.WriteAsync(SomeBatch.Prepared(1, "app", "app")));
        (Lines(_a).Count, Lines(_b).Count).ShouldBe((1, 0));
        (await AskAsync("select count(*), count(receipt) from logpipeline_batches")).ShouldBe("1|1");
    }

    [SkippableFact]
    public async Task BothGetAllBatchesAtOnceAndEachIsWrittenOnce()
    {
        await using var a = Start(_a);
        await using var b = Start(_b);
        var batches = Enumerable.Range(1, 300).Select(number => SomeBatch.Prepared(number, "app")).ToArray();
        await Task.WhenAll(batches.SelectMany(batch => (Task[])[UntilWrittenAsync(a, batch), UntilWrittenAsync(b, batch)]));
        Lines(_a).Concat(Lines(_b)).Order().ShouldBe(Enumerable.Range(1, 300).Select(number => (long)number));
    }

    [SkippableFact]
    public async Task WhatAWorkerHasBegunWaitsForItAndWhatItHasNotIsReleased()
    {
        await using var a = Start(_a);
        await using var b = Start(_b);
        _a.Fault = NoLines;
        await Should.ThrowAsync<BatchNotWrittenException>(() => a.WriteAsync(SomeBatch.Prepared(1, "app")));
        (await Should.ThrowAsync<BatchNotWrittenException>(() =>
            b.WriteAsync(SomeBatch.Prepared(1, "app")))).Message.ShouldContain("worker a");
        _a.Fault = null;
        // The next batch brings the recovery, which finishes the first.
        await UntilWrittenAsync(a, SomeBatch.Prepared(2, "app"));
        (await b.WriteAsync(SomeBatch.Prepared(1, "app"))).Worker.ShouldBe("a");
        (Lines(_a).Count, Lines(_b).Count).ShouldBe((2, 0));
    }

    [SkippableFact]
    public async Task AKilledWorkerFinishesWhatItHadBegunWhenItIsBackWithinTheLease()
    {
        var claims = Claims(_a, Long);
        var killed = new LogWriter(_a.Root, new LogWriterOptions(), TimeProvider.System, claims: claims);
        killed.Start();
        await using var b = Start(_b);
        _a.Fault = NoLines;
        await Should.ThrowAsync<BatchNotWrittenException>(() => killed.WriteAsync(SomeBatch.Prepared(1, "app")));
        _a.Fault = null;
        _a.Restart(StoreCrash.Killed);
        // Its sessions end with a process.
        await claims.DisposeAsync();
        // The database may see the end of the old session a moment later; then the worker tries again.
        await using (Start(_a)) await UntilWrittenAsync(b, SomeBatch.Prepared(1, "app"));
        (Lines(_a).Count, Lines(_b).Count).ShouldBe((1, 0));
        await killed.DisposeAsync();
    }

    [SkippableFact]
    public async Task AfterTheLeaseAnotherTakesOverAndTheOldOneWritesNothing()
    {
        var old = Claims(_a, Short);
        await old.ResumeAsync([], _ => null);
        var id = SomeBatch.Prepared(1, "app").Id;
        (await old.ClaimAsync([id])).ShouldBeEmpty();
        old.RequireClaims();
        await using var b = Start(_b, Short);
        // It stays silent from here on.
        await old.DisposeAsync();
        await UntilWrittenAsync(b, SomeBatch.Prepared(1, "app"));
        Lines(_b).ShouldBe([1]);
        (await AskAsync("select epoch from logpipeline_batches")).ShouldBe("2");
        Should.Throw<IOException>(old.RequireClaims);

        // Back again with an intent and no lines, it leaves the batch to the other.
        await using var again = Claims(_a, Short);
        (await again.ResumeAsync([id], _ => null)).ShouldBe([id]);
        (await again.ClaimAsync([id]))[id].ShouldSatisfyAllConditions(claim => claim.Worker.ShouldBe("b"), claim =>
            claim.Receipt.ShouldNotBeNull());
    }

    [SkippableFact]
    public async Task WhatAnotherTookOverLeavesNoGapAndIsNotTakenForAnExternalChange()
    {
        var claims = Claims(_a, Short);
        var killed = new LogWriter(_a.Root, new LogWriterOptions(), TimeProvider.System, claims: claims);
        killed.Start();
        await killed.WriteAsync(SomeBatch.Prepared(1, "app"));
        _a.Fault = NoLines;
        await Should.ThrowAsync<BatchNotWrittenException>(() => killed.WriteAsync(SomeBatch.Prepared(2, "app")));
        _a.Fault = null;
        _a.Restart(StoreCrash.Killed);
        await claims.DisposeAsync();
        await using var b = Start(_b, Short);
        await UntilWrittenAsync(b, SomeBatch.Prepared(2, "app"));

        // With a long lease: however slow this machine is, the first worker takes nothing from the second.
        await using (var a = Start(_a, Long)) await UntilWrittenAsync(a, SomeBatch.Prepared(3, "app"));
        Lines(_a).ShouldBe([1, 3]);
        _a.Root.Directory("app").List().ShouldHaveSingleItem();
        _events.Changed.ShouldBeEmpty();
        await killed.DisposeAsync();
    }

    [SkippableFact]
    public async Task AWorkerThatIsPausedForLongerThanTheLeaseKeepsWhatItHas()
    {
        await using var paused = Claims(_a, TimeSpan.FromHours(1));
        await paused.ResumeAsync([], _ => null);
        var batch = SomeBatch.Prepared(1, "app");
        await paused.ClaimAsync([batch.Id]);
        await postgres.QueryAsync("update logpipeline_workers set seen = now() - interval '1 day'");
        await using var b = Start(_b, Short);
        await Task.Delay(Short);
        // On a slow machine b's own lease may run out meanwhile; it looks again then.
        var refused = await Eventually.GetAsync(() => Should.ThrowAsync<BatchNotWrittenException>(() => b.WriteAsync(batch)),
            e => !e.Message.Contains("This worker was not heard of", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        refused.Message.ShouldContain("last heard of 86");
        (await paused.ReceiveAsync([Entry(batch)])).ShouldBeEmpty();
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                return (await b.WriteAsync(batch)).Worker == "a";
            }
            catch (BatchNotWrittenException)
            {
                return false;
            }
        }, TimeSpan.FromMinutes(1));
    }

    [SkippableFact]
    public async Task AWorkerThatTheDatabaseHasNotHeardOfForTheLeaseClaimsNothingBeforeItHasLooked()
    {
        await using var claims = Claims(_a, Long);
        await claims.ResumeAsync([], _ => null);
        await postgres.QueryAsync("update logpipeline_workers set seen = now() - interval '1 hour'");
        await Should.ThrowAsync<IOException>(() => claims.ClaimAsync([SomeBatch.Prepared(1, "app").Id]));
        Should.Throw<IOException>(claims.RequireClaims);
        (await AskAsync("select count(*) from logpipeline_batches")).ShouldBe("0");

        await claims.ResumeAsync([], _ => null);
        (await claims.ClaimAsync([SomeBatch.Prepared(1, "app").Id])).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task ACopiedDirectoryDoesNotPassForItsOriginal()
    {
        await using var original = Claims(_a, Long);
        await original.ResumeAsync([], _ => null);
        await using var copy = Claims(_a, Long);
        (await Should.ThrowAsync<ClaimsUnavailableException>(() => copy.ResumeAsync([], _ => null))).Message.ShouldContain(
            ".ledger/worker");
    }

    [SkippableTheory]
    [InlineData("worker = gen_random_uuid(), epoch = epoch + 1")]
    // Another took it over and lost it again to this worker's next life.
    [InlineData("epoch = epoch + 2")]
    public async Task AReceiptOfOneWhoseBatchWasTakenOverIsToldAsACopy(string takenOver)
    {
        await using var old = Claims(_a, Short);
        await old.ResumeAsync([], _ => null);
        var batch = SomeBatch.Prepared(1, "app");
        await old.ClaimAsync([batch.Id]);
        await postgres.QueryAsync($"update logpipeline_batches set {takenOver}");
        (await old.ReceiveAsync([Entry(batch)])).ShouldBe([batch.Id.ToString()]);
        (await AskAsync("select count(receipt) from logpipeline_batches")).ShouldBe("0");
    }

    [SkippableFact]
    public async Task WhatWasClaimedAndNeverBegunIsReleasedAndWhatWasWrittenGetsItsReceipt()
    {
        await using (var first = Claims(_a, Long))
        {
            await first.ResumeAsync([], _ => null);
            await first.ClaimAsync([.. Enumerable.Range(1, 3).Select(number => SomeBatch.Prepared(number, "app").Id)]);
        }
        await using var second = Claims(_a, Long);
        var (begun, written) = (SomeBatch.Prepared(1, "app"), SomeBatch.Prepared(2, "app"));
        (await second.ResumeAsync([begun.Id], id => id == written.Id ? Entry(written) : null)).ShouldBeEmpty();
        (await AskAsync("select right(batch, 1), receipt is not null from logpipeline_batches order by 1")).ShouldBe("1|f\n2|t");
        await second.ReceiveAsync([Entry(begun)]);
        (await AskAsync("select count(*) from logpipeline_batches where receipt is null")).ShouldBe("0");
    }

    [SkippableFact]
    public async Task NobodyTakesOverBeforeTheDatabaseItselfHasBeenUpForTheLease()
    {
        await using var own = new PostgresServer();
        await own.StartAsync();
        PostgresClaims Claims(InMemoryDisk disk, TimeSpan lease) => new(
            disk.Root, new PostgresClaimsOptions(PostgresClaimsOptions.WithDefaults(own.ConnectionString), "any",
                lease, TimeSpan.FromDays(7), 1_000), TimeProvider.System);
        var id = SomeBatch.Prepared(1, "app").Id;
        await using (var gone = Claims(_a, Long))
        {
            await gone.ResumeAsync([], _ => null);
            await gone.ClaimAsync([id]);
        }
        await own.QueryAsync("update logpipeline_workers set seen = now() - interval '1 day'");
        await using (var early = Claims(_b, Long))
        {
            await early.ResumeAsync([], _ => null);
            (await early.ClaimAsync([id]))[id].Receipt.ShouldBeNull();
        }
        await using var late = Claims(new InMemoryDisk(), Short);
        await late.ResumeAsync([], _ => null);
        await Eventually.TrueAsync(async () => (await late.ClaimAsync([id])).Count == 0, TimeSpan.FromMinutes(1));
    }

    [SkippableFact]
    public async Task AWorkerThatHasNothingToDoKeepsItsLeaseAndItsSessionAndForgetsWhatIsOld()
    {
        const string locks = "pg_locks where locktype = 'advisory' and objsubid = 1";
        await using var idle = Claims(_a, TimeSpan.FromSeconds(2));
        await idle.ResumeAsync([], _ => null);
        await postgres.QueryAsync(
            "insert into logpipeline_batches values ('old', gen_random_uuid(), 1, now() - interval '8 days', 'written')");
        var seen = await AskAsync("select seen from logpipeline_workers");
        await Eventually.TrueAsync(async () => await AskAsync("select seen from logpipeline_workers") != seen, TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(async () => await AskAsync("select count(*) from logpipeline_batches") == "0", TimeSpan.FromMinutes(1));
        var session = await AskAsync($"select pid from {locks}");
        await postgres.QueryAsync($"select pg_terminate_backend({session})");
        await Eventually.TrueAsync(async () => await AskAsync($"select pid from {locks}") is { Length: > 0 } other
            && other != session, TimeSpan.FromMinutes(1));
    }

    [SkippableFact]
    public async Task WhatIsWrittenIsTakenOverByNobodyHoweverLongItsWorkerIsGone()
    {
        var batch = SomeBatch.Prepared(1, "app");
        await using (var gone = Claims(_a, Short))
        {
            await gone.ResumeAsync([], _ => null);
            await gone.ClaimAsync([batch.Id]);
            await gone.ReceiveAsync([Entry(batch)]);
        }
        await postgres.QueryAsync("update logpipeline_workers set seen = now() - interval '1 day'");
        await Eventually.TrueAsync(async () => await AskAsync("select count(*) from pg_locks where locktype = 'advisory'") == "0",
            TimeSpan.FromMinutes(1));
        await using var b = Claims(_b, Short);
        BatchClaim? found = null;
        await Eventually.TrueAsync(async () =>
        {
            await b.ResumeAsync([], _ => null);
            try
            {
                found = (await b.ClaimAsync([batch.Id]))[batch.Id];
                return true;
            }
            catch (IOException)
            {
                // On a slow machine the short lease runs out between the two calls.
                return false;
            }
        }, TimeSpan.FromMinutes(1));
        found.ShouldNotBeNull().ShouldSatisfyAllConditions(claim => claim.Worker.ShouldBe("a"), claim => claim.Receipt.ShouldNotBeNull());
    }

    [SkippableFact]
    public async Task ABatchIsElsewhereOnceItIsWrittenThereAndNotWhenItIsClaimed()
    {
        await using var a = Claims(_a, Long);
        await a.ResumeAsync([], _ => null);
        await using var b = Claims(_b, Long);
        await b.ResumeAsync([], _ => null);
        var batch = SomeBatch.Prepared(1, "app");
        await a.ClaimAsync([batch.Id]);
        (await b.ElsewhereAsync([batch.Id])).ShouldBeEmpty();
        await a.ReceiveAsync([Entry(batch)]);
        (await b.ElsewhereAsync([batch.Id])).ShouldBe([batch.Id]);
        (await a.ElsewhereAsync([batch.Id])).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task WithoutTheDatabaseBatchesWaitAndGoOnByThemselves()
    {
        await using var own = new PostgresServer();
        await own.StartAsync();
        var claims = new PostgresClaims(_a.Root, new PostgresClaimsOptions(PostgresClaimsOptions.WithDefaults(own.ConnectionString), "a",
            Long, TimeSpan.FromDays(7), 1_000), TimeProvider.System);
        await using var a = new LogWriter(_a.Root, new LogWriterOptions(), TimeProvider.System, claims: claims);
        a.Start();
        await a.WriteAsync(SomeBatch.Prepared(1, "app"));
        await own.StopAsync();
        var refused = await Should.ThrowAsync<BatchNotWrittenException>(() => a.WriteAsync(SomeBatch.Prepared(2, "app")));
        refused.Message.ShouldContain($"the shared ledger postgres@127.0.0.1:{own.Port} does not answer");
        Lines(_a).ShouldBe([1]);
        await own.StartAsync();
        await UntilWrittenAsync(a, SomeBatch.Prepared(2, "app"));
        Lines(_a).ShouldBe([1, 2]);
    }

    [SkippableFact]
    public async Task AWorkerStartsWithoutTheDatabaseToo()
    {
        await using var own = new PostgresServer();
        var claims = new PostgresClaims(_a.Root, new PostgresClaimsOptions(PostgresClaimsOptions.WithDefaults(own.ConnectionString), "a",
            Long, TimeSpan.FromDays(7), 1_000), TimeProvider.System);
        await using var a = new LogWriter(_a.Root, new LogWriterOptions(), TimeProvider.System, claims: claims);
        a.Start();
        await Should.ThrowAsync<BatchNotWrittenException>(() => a.WriteAsync(SomeBatch.Prepared(1, "app")));
        await own.StartAsync();
        await UntilWrittenAsync(a, SomeBatch.Prepared(1, "app"));
    }

    [SkippableFact]
    public async Task ABatchDoesNotWaitForOneThatAnotherWorkerHas()
    {
        await using var a = Start(_a);
        await using var b = Start(_b);
        await a.WriteAsync(SomeBatch.Prepared(1, "app"));
        await b.WriteAsync(SomeBatch.Prepared(2, "app") with { Previous = SomeBatch.Prepared(1, "app").Id });
        Lines(_b).ShouldBe([2]);
    }

    [SkippableFact]
    public async Task RowsAreForgottenAsTheReceiptsOnDiskAre()
    {
        await using var a = Start(_a);
        foreach (var number in Enumerable.Range(1, 6)) await a.WriteAsync(SomeBatch.Prepared(number, "app"));
        await postgres.QueryAsync("update logpipeline_batches set at = now() - interval '8 days' where batch like '%1'");
        await using var source = Npgsql.NpgsqlDataSource.Create(postgres.ConnectionString);
        var options = new PostgresClaimsOptions(postgres.ConnectionString, "a", Long, TimeSpan.FromDays(7), ReceiptsMax: 3);
        await using var upkeep = new PostgresUpkeep(source, options, Guid.Empty,
            new WorkerLease(Long, TimeProvider.System), TimeProvider.System);
        await upkeep.RemoveExpiredAsync(CancellationToken.None);
        (await AskAsync("select string_agg(right(batch, 1), '' order by batch) from logpipeline_batches")).ShouldBe("3456");
    }

    [SkippableFact]
    public async Task RowsAreForgottenAgainAndAgainWhileAWorkerRuns()
    {
        await using (var a = Start(_a))
            foreach (var number in Enumerable.Range(1, 3)) await a.WriteAsync(SomeBatch.Prepared(number, "app"));
        var clock = new TestClock();
        await using var source = Npgsql.NpgsqlDataSource.Create(postgres.ConnectionString);
        var options = new PostgresClaimsOptions(postgres.ConnectionString, "a", Long, TimeSpan.FromDays(7), ReceiptsMax: 1_000);
        await using var upkeep = new PostgresUpkeep(source, options, Guid.NewGuid(), new WorkerLease(Long, clock), clock);
        await upkeep.StartAsync();
        foreach (var number in Enumerable.Range(1, 3))
        {
            await postgres.QueryAsync($"update logpipeline_batches set at = now() - interval '8 days' where batch like '%{number}'");
            await Eventually.TrueAsync(async () =>
            {
                clock.Advance(TimeSpan.FromMinutes(11));
                return await AskAsync($"select count(*) from logpipeline_batches where batch like '%{number}'") == "0";
            }, TimeSpan.FromSeconds(30));
        }
    }

    static LedgerEntry Entry(PreparedBatch batch) => new()
    {
        Batch = batch.Id.ToString(), At = DateTimeOffset.UnixEpoch,
        Parts = [new LedgerPart { File = "app/2026-11-21.001.clef", Offset = 0, Length = batch.Lines.Length,
            RecordCount = 1, Crc = batch.Parts[0].Crc }],
    };

    static Task UntilWrittenAsync(LogWriter writer, PreparedBatch batch) => Eventually.TrueAsync(async () =>
    {
        try
        {
            await writer.WriteAsync(batch);
            return true;
        }
        catch (BatchNotWrittenException)
        {
            return false;
        }
    }, TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(50));
}
