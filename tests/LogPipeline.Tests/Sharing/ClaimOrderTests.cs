using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Sharing;

/// <summary>
/// A batch is claimed before its intent, the claim is looked at once more before its lines, and it is received when these are synced
/// and before anybody is answered.
/// </summary>
public sealed class ClaimOrderTests
{
    readonly InMemoryDisk _disk = new();
    readonly Noted _claims = new();
    readonly WriterRecorder _events = new();

    [Fact]
    public async Task EachStepOfABatchHasItsPlace()
    {
        await using var writer = Start();
        _claims.Steps.Clear();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        string[] wanted = ["claim", "intent", "require", "line", "sync line", "receive"];
        _claims.Steps.Where(step => wanted.Contains(step)).Distinct().ShouldBe(wanted);
    }

    [Fact]
    public async Task NobodyIsAnsweredBeforeABatchIsReceived()
    {
        await using var writer = Start();
        _claims.IsAway = true;
        // An answer before the receipt would say that the batch is written.
        await Should.ThrowAsync<BatchNotWrittenException>(() => writer.WriteAsync(SomeBatch.Prepared(1, "app")));
        _claims.IsAway = false;
        (await writer.WriteAsync(SomeBatch.Prepared(1, "app"))).AlreadyWritten.ShouldBeTrue();
    }

    [Fact]
    public async Task WhatAnotherTookMeanwhileIsToldAsACopy()
    {
        await using (var writer = Start())
        {
            _claims.Taken = ["logs/shop/i1/000000000001"];
            await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        }
        _events.Copied.ShouldBe(["logs/shop/i1/000000000001"]);
    }

    [Fact]
    public async Task AWorkerThatHasLostItsClaimsWritesNoLine()
    {
        await using var writer = Start();
        _claims.AreLost = true;
        await Should.ThrowAsync<BatchNotWrittenException>(() => writer.WriteAsync(SomeBatch.Prepared(1, "app")));
        SomeBatch.Files(_disk.Root).ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatWasBegunIsNotFinishedBeforeTheClaimIsLookedAt()
    {
        await using (var writer = Start())
        {
            _claims.AreLost = true;
            await Should.ThrowAsync<BatchNotWrittenException>(() => writer.WriteAsync(SomeBatch.Prepared(1, "app")));
        }
        _claims.AreLost = false;
        _claims.Steps.Clear();
        await using (Start()) SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1]);
        string[] wanted = ["resume", "require", "line"];
        _claims.Steps.Where(step => wanted.Contains(step)).Distinct().ShouldBe(wanted);
    }

    LogWriter Start()
    {
        _disk.Fault = operation =>
        {
            var isLine = operation.Path.Contains("app/", StringComparison.Ordinal);
            if (operation.Verb == StoreVerb.Write && operation.Path.Contains("intents.", StringComparison.Ordinal)
                && operation.Bytes > 100) _claims.Steps.Add("intent");
            if (operation.Verb == StoreVerb.Write && isLine) _claims.Steps.Add("line");
            if (operation.Verb == StoreVerb.Sync && isLine) _claims.Steps.Add("sync line");
            return null;
        };
        var writer = new LogWriter(_disk.Root, new LogWriterOptions(), new TestClock(), _events, _claims);
        writer.Start();
        return writer;
    }

    /// <summary>Every batch is this worker's; says what it was asked.</summary>
    sealed class Noted : IBatchClaims
    {
        public List<string> Steps { get; } = [];

        /// <summary>What another has by the time of a receipt.</summary>
        public IReadOnlyList<string> Taken { get; set; } = [];

        public bool AreLost { get; set; }

        /// <summary>Whether receipts fail, as when the database is away.</summary>
        public bool IsAway { get; set; }

        public Task<IReadOnlySet<BatchId>> ResumeAsync(IReadOnlyCollection<BatchId> begun, Func<BatchId, LedgerEntry?> find)
        {
            Steps.Add("resume");
            return Task.FromResult<IReadOnlySet<BatchId>>(new HashSet<BatchId>());
        }

        public Task<IReadOnlyDictionary<BatchId, BatchClaim>> ClaimAsync(IReadOnlyCollection<BatchId> batches)
        {
            Steps.Add("claim");
            return Task.FromResult<IReadOnlyDictionary<BatchId, BatchClaim>>(new Dictionary<BatchId, BatchClaim>());
        }

        public void RequireClaims()
        {
            Steps.Add("require");
            if (AreLost) throw new IOException("Lost.");
        }

        public Task<IReadOnlyList<string>> ReceiveAsync(IReadOnlyCollection<LedgerEntry> entries)
        {
            if (entries.Count > 0) Steps.Add("receive");
            return IsAway ? throw new ClaimsUnavailableException("Away.") : Task.FromResult(Taken);
        }

        public Task<IReadOnlySet<BatchId>> ElsewhereAsync(IReadOnlyCollection<BatchId> batches) =>
            Task.FromResult<IReadOnlySet<BatchId>>(new HashSet<BatchId>());

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
