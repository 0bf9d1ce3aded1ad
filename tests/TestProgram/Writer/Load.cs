using LogPipeline.DurableFiles;
using LogPipeline.Worker.Files;

namespace LogPipeline.TestProgram.Writer;

/// <summary>Four senders, each with a batch under way and a short pause behind it, until the process is killed.</summary>
static class Load
{
    const int Senders = 4;
    const int PauseMilliseconds = 4;

    public static async Task RunAsync(StoreDirectory root, Action<PreparedBatch> acknowledge)
    {
        var options = new LogWriterOptions { FileBytesMax = 64 << 10, IntentBytesMax = 128 << 10, FreeBytesMin = 0, OpenFilesMax = 3 };
        await using var writer = new LogWriter(root, options, TimeProvider.System);
        writer.Start();
        Console.WriteLine("writing");
        await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => SendAsync(writer, sender, acknowledge)));
    }

    static async Task SendAsync(LogWriter writer, int sender, Action<PreparedBatch> acknowledge)
    {
        // An instance is one process start: its numbers begin anew.
        var instance = $"{Environment.ProcessId}-{sender}";
        var chance = new Random(sender);
        for (long first = 1; ;)
        {
            var batch = Lines.Batch(instance, first, ("app", chance.Next(1, 10)), ($"channel{chance.Next(4)}", chance.Next(1, 30)));
            await writer.WriteAsync(batch);
            acknowledge(batch);
            first += batch.RecordCount;
            await Task.Delay(PauseMilliseconds);
        }
    }
}
