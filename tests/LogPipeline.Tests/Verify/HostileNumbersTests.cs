using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;
using LogPipeline.Worker.Verify;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Verify;

/// <summary>Numbers that somebody made up are no reason to crash, to walk for ever, or to take all memory.</summary>
public sealed class HostileNumbersTests : IAsyncDisposable
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    readonly InMemoryDisk _disk = new();
    readonly TestClock _time = new();
    readonly LogWriter _writer;
    readonly DeadLetterBox _box;

    public HostileNumbersTests()
    {
        _writer = new LogWriter(_disk.Root, new LogWriterOptions(), _time);
        _writer.Start();
        _box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
    }

    public async ValueTask DisposeAsync() => await _writer.DisposeAsync();

    Task<VerifyReport> VerifyAsync(string? acks = null) => Task.Run(() => new Verifier(_disk.Root, new LogWriterOptions())
        { DeadLetters = _box.Numbers(), Acknowledged = acks is null ? null : AckLog.Read(acks) }.Run()).WaitAsync(Soon);

    async Task<WriteReceipt> WriteAsync(string workflow, LogBatchHeader header, params long[] numbers)
    {
        var array = Encoding.UTF8.GetBytes("[" + string.Join(',', numbers.Select(number =>
            $$"""{"source":"shop","instance":"i1","seq":{{number}}}""")) + "]");
        return await new BatchWriter(_writer, _box, "me", _time).WriteAsync(workflow,
            header with { RecordCount = numbers.Length, Bytes = array.Length }, array);
    }

    static LogBatchHeader Header(long first, long last) =>
        SomeBatch.Of(1, "app").Header with { FirstSequence = first, LastSequence = last };

    [Theory]
    [InlineData(long.MaxValue, 0, 1)]
    [InlineData(long.MaxValue - 1, 5, 7)]
    [InlineData(PipelineDefaults.SequenceMax, 0, 1)]
    [InlineData(PipelineDefaults.SequenceMax, int.MaxValue, 1)]
    [InlineData(1, int.MinValue, 1)]
    [InlineData(1, 0, int.MaxValue)]
    [InlineData(1, 0, int.MinValue)]
    public async Task ALetterMayNameAnyNumber(long first, int index, int count)
    {
        await _writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        var bytes = "x"u8.ToArray();
        _box.Write(new DeadLetter(new DeadLetterHead
        {
            Workflow = string.Create(CultureInfo.InvariantCulture, $"logs/shop/i1/{first:d12}"), At = Some.Instant, Header = null,
            Parts = [new DeadLetterPart { Index = index, RecordCount = count, Length = 1, Reason = "some" }],
            Crc = Crc32C.Compute(bytes),
        }, bytes));
        (await VerifyAsync()).ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.DeadLettered.ShouldBeInRange(0, 50_000));
    }

    [Fact]
    public async Task AWorkflowNamedWithTheLargestNumberMakesALetterThatVerifyReads()
    {
        await WriteAsync($"logs/shop/i1/{long.MaxValue}", Header(long.MaxValue, long.MaxValue), long.MaxValue);
        _box.List().Count.ShouldBe(1);
        (await VerifyAsync()).IsClean.ShouldBeTrue();
    }

    [Fact]
    public async Task AGapAsWideAsNumbersReachIsCountedAndNotWalkedThrough()
    {
        await WriteAsync("logs/shop/i1/000000000001", Header(1, PipelineDefaults.SequenceMax), 1, PipelineDefaults.SequenceMax);
        var report = await VerifyAsync("shop/i1/1-3\n");
        report.ShouldSatisfyAllConditions(r => r.Lost.ShouldBe(1_000_000_000), r =>
            r.Examples.ShouldHaveSingleItem().What.ShouldContain("9007199254740991"));
    }

    [Fact]
    public async Task ALongGapIsSmallerByWhatIsExcusedInIt()
    {
        await WriteAsync("logs/shop/i1/000000000001", Header(1, 2_000_002), 1, 2_000_002);
        (await VerifyAsync()).Lost.ShouldBe(2_000_000);
        var bytes = "x"u8.ToArray();
        _box.Write(new DeadLetter(new DeadLetterHead { Workflow = "logs/shop/i1/000000000100", At = Some.Instant, Header = null,
            Parts = [new DeadLetterPart { Index = 0, RecordCount = 5_000, Length = 1, Reason = "some" }],
            Crc = Crc32C.Compute(bytes) }, bytes));
        (await VerifyAsync()).Lost.ShouldBe(1_995_000);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(-1)]
    [InlineData(PipelineDefaults.SequenceMax + 1)]
    public async Task ARecordsNumberIsANumberAlsoWhereItsBatchIsTriedAgain(long number)
    {
        var retried = Header(1, 2) with { Source = BatchAdmission.RetrySource, RetryOf = "logs/shop/i1/000000000001" };
        var receipt = await WriteAsync(retried.Id.ToString(), retried, number, 1);
        receipt.ShouldSatisfyAllConditions(r => r.DeadLettered.ShouldBe(1), r => r.RecordCount.ShouldBe(1));
        (await VerifyAsync()).IsClean.ShouldBeTrue();
    }

    [Fact]
    public void NumbersFarFromEachOtherTakeLittleMemory()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var set = new SequenceSet();
        for (var i = 0L; i < 50_000; i++) set.Add(i << 30);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(40 << 20);
        set.Numbers().Count().ShouldBe(50_000);
    }

    [Fact]
    public void ARangeEndsWhereNumbersEnd()
    {
        var set = new SequenceSet();
        set.AddRange(long.MaxValue - 2, 10);
        set.Numbers().ShouldBe([long.MaxValue - 2, long.MaxValue - 1]);
        set.CountIn(0, long.MaxValue).ShouldBe(2);
    }

    [Fact]
    public void EachNumberOfARangeIsCountedOnce()
    {
        var set = new SequenceSet();
        set.AddRange(1000, 3000);
        set.CountIn(0, 5000).ShouldBe(3000);
        set.CountIn(1500, 1501).ShouldBe(1);
        set.CountIn(0, 1000).ShouldBe(0);
        set.CountIn(3999, 4001).ShouldBe(1);
        set.Contains(999).ShouldBeFalse();
        set.Add(1000).ShouldBeFalse();
    }
}
