using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.DeadLetters;

/// <summary>A batch with one bad record, broken at every single change of the disk and tried again.</summary>
public sealed class DeadLetterCrashTests
{
    [Theory]
    [InlineData(StoreFaultKind.Crash, StoreCrash.Killed)]
    [InlineData(StoreFaultKind.Crash, StoreCrash.PowerCut)]
    [InlineData(StoreFaultKind.NoSpace, StoreCrash.PowerCut)]
    [InlineData(StoreFaultKind.InputOutput, StoreCrash.PowerCut)]
    public async Task EveryRecordIsInTheFilesOrInOneWholeLetter(StoreFaultKind kind, StoreCrash crash)
    {
        var (header, array) = SomeBatch.Of(1, "app", "app", "app");
        array = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(array).Replace("\"seq\":2}", "\"seq\":99}", StringComparison.Ordinal));
        var points = 0;
        for (var number = 1; ; number++, points++)
        {
            var disk = new InMemoryDisk();
            var hit = false;
            disk.Fault = operation => !hit && operation.Number == number && (hit = true) ? new StoreFault(kind, operation.Bytes / 2) : null;
            var isAnswered = await TryAsync(disk, header, array);
            if (!hit) break;
            disk.Fault = null;
            disk.Restart(crash, new Random(number));
            if (isAnswered) Check(disk, number);
            (await TryAsync(disk, header, array)).ShouldBeTrue($"{kind} at {number}");
            Check(disk, number);
        }
        points.ShouldBeGreaterThan(15);
    }

    static async Task<bool> TryAsync(InMemoryDisk disk, LogBatchHeader header, byte[] array)
    {
        var writer = new LogWriter(disk.Root, new LogWriterOptions(), new TestClock());
        try
        {
            writer.Start();
            var box = new DeadLetterBox(() => disk.Root.Directory(DeadLetterBox.DirectoryName), 100_000);
            await new BatchWriter(writer, box, "me", new TestClock()).WriteAsync(header.Id.ToString(), header, array);
            return true;
        }
        catch (Exception e) when (e is IOException or StoreCrashedException or BatchNotWrittenException)
        {
            return false;
        }
        finally
        {
            await writer.DisposeAsync();
        }
    }

    static void Check(InMemoryDisk disk, int at)
    {
        // The next start finishes what was begun.
        SomeBatch.Sequences(disk.Root, "app").ShouldBe([1, 3], customMessage: $"at {at}");
        var letter = new DeadLetterBox(() => disk.Root.Directory(DeadLetterBox.DirectoryName), 100_000).List()
            .ShouldHaveSingleItem($"at {at}");
        letter.Problem.ShouldBeNull($"at {at}");
    }
}
