using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.DurableFiles;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Verify;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Sharing;

/// <summary>A ledger that is read while its worker is in the middle of a write, at every byte of it.</summary>
public sealed class SiblingLedgerTests
{
    static readonly long[] Batches = [1, 2, 3, 4];

    readonly InMemoryDisk _disk = new();

    [Fact]
    public async Task AHalfWrittenReceiptIsReadWhenItIsWhole() =>
        await FollowAsync("receipts.", (sibling, id) => sibling.Find(id) is not null);

    [Fact]
    public async Task AHalfWrittenIntentIsReadWhenItIsWhole() => await FollowAsync("intents.", (sibling, id) => sibling.HasBegun(id));

    [Fact]
    public async Task VerifyReadsWhatIsWholeOfALedgerThatGrows()
    {
        var (name, whole) = await LedgerFileAsync("receipts.");
        var copy = _disk.Root.Directory("growing");
        using var file = copy.Directory(LedgerFiles.DirectoryName).Open(name, StoreOpen.New);
        var known = 0;
        for (var length = 0; length <= whole.Length; length++)
        {
            if (length > 0) file.Write(whole.AsSpan(length - 1, 1), length - 1);
            var written = LedgerSnapshot.Read(copy, new LogWriterOptions()).Written.Count;
            written.ShouldBeInRange(known, known + 1, $"after {length} bytes");
            known = written;
        }
        known.ShouldBe(Batches.Length);
    }

    async Task FollowAsync(string prefix, Func<SiblingLedger, BatchId, bool> isKnown)
    {
        var (name, whole) = await LedgerFileAsync(prefix);
        var copy = _disk.Root.Directory("growing");
        using var file = copy.Directory(LedgerFiles.DirectoryName).Open(name, StoreOpen.New);
        var sibling = new SiblingLedger(copy, new LogWriterOptions());
        var known = 0;
        for (var length = 0; length <= whole.Length; length++)
        {
            if (length > 0) file.Write(whole.AsSpan(length - 1, 1), length - 1);
            sibling.Refresh();
            var now = Batches.Count(first => isKnown(sibling, SomeBatch.Prepared(first, "app").Id));
            now.ShouldBeInRange(known, known + 1, $"after {length} bytes");
            known = now;
        }
        known.ShouldBe(Batches.Length);
    }

    async Task<(string Name, byte[] Whole)> LedgerFileAsync(string prefix)
    {
        var root = _disk.Root.Directory("whole");
        var writer = new LogWriter(root, new LogWriterOptions(), new TestClock());
        await using (writer)
        {
            writer.Start();
            foreach (var first in Batches) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
        }
        var ledger = root.Directory(LedgerFiles.DirectoryName);
        var name = ledger.List().Last(file => file.StartsWith(prefix, StringComparison.Ordinal));
        return (name, ledger.ReadAll(name));
    }
}
