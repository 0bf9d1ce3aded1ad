using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.DurableFiles;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Verify;

namespace LogPipeline.Tests.Worker;

/// <summary>
/// What others have put into the log directory in the place of files. A call that hangs fails its test.
/// </summary>
public sealed class HostileDirectoryTests : IDisposable
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    readonly TempDirectory _folder = new();
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly WriterRecorder _events = new();

    string Logs => _folder.File("logs");

    public void Dispose() => _folder.Dispose();

    public static TheoryData<Intruder> Each() => [.. Enum.GetValues<Intruder>()];

    [SkippableTheory, MemberData(nameof(Each))]
    public async Task ALedgerOfWhatIsNoFileIsPutAsideAndTheWorkerStarts(Intruder intruder)
    {
        await WriteOneAsync(1);
        Intruders.Put(intruder, Path.Combine(Logs, ".ledger", "intents.000777"));
        Intruders.Put(intruder, Path.Combine(Logs, ".ledger", "receipts.000777"));
        await Task.Run(() => WriteOneAsync(2)).WaitAsync(Soon);
        SomeBatch.Sequences(new PhysicalDirectory(Logs), "app").ShouldBe([1, 2]);
        Directory.GetFiles(Path.Combine(Logs, ".ledger")).ShouldContain(path => path.EndsWith("damaged.intents.000777"));
        (await Task.Run(Verify).WaitAsync(Soon)).IsClean.ShouldBeTrue();
    }

    [SkippableTheory, MemberData(nameof(Each))]
    public async Task AWorkerWhoseOwnerFileIsNoneEndsWithASentence(Intruder intruder)
    {
        Directory.CreateDirectory(Logs);
        Intruders.Put(intruder, Path.Combine(Logs, "owner"));
        using var ownership = new DirectoryOwnership(new PhysicalDirectory(Logs), "me");
        var refused = await Task.Run(() => Should.Throw<IOException>(ownership.Take)).WaitAsync(Soon);
        refused.Message.ShouldContain(Path.Combine(Logs, "owner"));
    }

    [SkippableTheory, MemberData(nameof(Each))]
    public async Task LogFilesThatAreNoneAreLeftAndTheNextOnesWritten(Intruder intruder)
    {
        Directory.CreateDirectory(Path.Combine(Logs, "app"));
        Intruders.Put(intruder, Path.Combine(Logs, "app", "2026-11-21.001.clef"));
        Intruders.Put(intruder, Path.Combine(Logs, "app", "2026-11-21.002.clef.gz"));
        await Task.Run(() => WriteOneAsync(1)).WaitAsync(Soon);
        (await File.ReadAllLinesAsync(Path.Combine(Logs, "app", "2026-11-21.003.clef"))).Length.ShouldBe(1);
        (await Task.Run(Verify).WaitAsync(Soon)).Records.ShouldBe(1);
    }

    [SkippableTheory, MemberData(nameof(Each))]
    public async Task DeadLettersThatAreNoFilesAreNeitherListedNorInTheWay(Intruder intruder)
    {
        var letter = Letter();
        Directory.CreateDirectory(Logs);
        Intruders.Put(intruder, Path.Combine(Logs, "other.dead"));
        Intruders.Put(intruder, Path.Combine(Logs, letter.Name));
        Intruders.Put(intruder, Path.Combine(Logs, letter.Name + ".tmp"));
        var box = new DeadLetterBox(() => new PhysicalDirectory(Logs), 100_000);
        await Task.Run(() =>
        {
            box.List().ShouldBeEmpty();
            box.Write(letter);
            // While the worker runs, too.
            Intruders.Put(intruder, Path.Combine(Logs, Letter(2).Name + ".tmp"));
            box.Write(Letter(2));
            box.List().Count.ShouldBe(2);
            box.Numbers().Count().ShouldBe(2);
        }).WaitAsync(Soon);
    }

    [SkippableTheory, MemberData(nameof(Each))]
    public async Task AWorkerBesideThatIsNoneHoldsUpNobody(Intruder intruder)
    {
        var parent = new PhysicalDirectory(Logs);
        Directory.CreateDirectory(Path.Combine(Logs, "c", ".ledger"));
        Intruders.Put(intruder, Path.Combine(Logs, "c", ".ledger", "intents.000001"));
        Intruders.Put(intruder, Path.Combine(Logs, "c", ".ledger", "receipts.000001"));
        Intruders.Put(intruder, Path.Combine(Logs, "c", "owner"));
        Directory.CreateDirectory(Path.Combine(Logs, "d"));
        Intruders.Put(intruder, Path.Combine(Logs, "d", ".ledger"));
        Directory.CreateSymbolicLink(Path.Combine(Logs, "e"), Logs);
        Directory.CreateSymbolicLink(Path.Combine(Logs, "d", "f"), Logs);
        var options = new LogWriterOptions { Worker = "a" };
        await Task.Run(async () =>
        {
            await using var writer = new LogWriter(parent.Directory("a"), options, _time, _events,
                new SiblingClaims(parent, "a", options));
            writer.Start();
            await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        }).WaitAsync(Soon);
        SomeBatch.Sequences(parent.Directory("a"), "app").ShouldBe([1]);
    }

    [SkippableTheory, MemberData(nameof(Each))]
    public async Task VerifyReadsPastWhatIsNoFile(Intruder intruder)
    {
        await WriteOneAsync(1);
        Intruders.Put(intruder, Path.Combine(Logs, "app", "2026-11-21.009.clef"));
        Intruders.Put(intruder, Path.Combine(Logs, ".ledger", "receipts.000777"));
        var report = await Task.Run(Verify).WaitAsync(Soon);
        (report.Records, report.LedgerDamagedBytes).ShouldBe((1, 1));
    }

    DeadLetter Letter(long first = 1)
    {
        var (header, array) = SomeBatch.Of(first, "app");
        return BatchSalvage.Whole($"logs/shop/i1/{first:d12}", header, array, "a reason", _time.GetUtcNow());
    }

    VerifyReport Verify() => new Verifier(new PhysicalDirectory(Logs), new LogWriterOptions()).Run();

    async Task WriteOneAsync(long first)
    {
        await using var writer = new LogWriter(new PhysicalDirectory(Logs), new LogWriterOptions(), _time, _events);
        writer.Start();
        await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
    }
}
