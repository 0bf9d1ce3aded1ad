using LogPipeline.DurableFiles;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;

namespace LogPipeline.TestProgram.Writer;

/// <summary>
/// The canonical run: three batches over two channels, of which the second and the third roll one channel by size; then
/// another life, whose retention removes the first file, and which is offered the last batch again.
/// </summary>
static class Script
{
    /// <summary>More than one error a batch never takes; a disk that goes on failing is another test.</summary>
    const int AttemptsMax = 5;

    public static readonly PreparedBatch[] Batches =
    [
        Lines.Batch("one", 1, ("app", 6), ("web", 2)),
        Lines.Batch("one", 9, ("app", 6), ("web", 2)),
        Lines.Batch("one", 17, ("app", 1), ("web", 1)),
    ];

    public static readonly LogWriterOptions Options = new()
    {
        FileBytesMax = 700,
        IntentBytesMax = 2_500,
        FreeBytesMin = 0,
        // Not 1: a file that a fault closed early would be removed, and what it lacks with it.
        Retention = new RetentionOptions(FilesMax: 2),
    };

    /// <returns>False: the writer did not start, or a batch was never written.</returns>
    public static async Task<bool> RunAsync(Func<StoreDirectory> open, Action<PreparedBatch> acknowledge)
    {
        var clock = new StepClock();
        return await LiveAsync(open, clock, Batches, acknowledge) && await LiveAsync(open, clock, Batches[^1..], acknowledge);
    }

    /// <summary>One life of a writer, which is offered batches as Temporal does: one that was not written comes again.</summary>
    public static async Task<bool> LiveAsync(Func<StoreDirectory> open, StepClock clock, IEnumerable<PreparedBatch> batches,
        Action<PreparedBatch> acknowledge)
    {
        // Without a start the program ends with a message, and a service manager starts it again.
        if (TryStart(open, clock) is not { } started) return false;
        await using var writer = started;
        foreach (var batch in batches)
        {
            if (!await WriteAsync(writer, batch)) return false;
            acknowledge(batch);
            clock.Step();
        }
        return true;
    }

    static async Task<bool> WriteAsync(LogWriter writer, PreparedBatch batch)
    {
        for (var attempt = 0; attempt < AttemptsMax; attempt++)
        {
            try
            {
                await writer.WriteAsync(batch);
                return true;
            }
            catch (BatchNotWrittenException)
            {
                // Offered again.
            }
        }
        return false;
    }

    static LogWriter? TryStart(Func<StoreDirectory> open, StepClock clock)
    {
        try
        {
            var writer = new LogWriter(open(), Options, clock);
            writer.Start();
            return writer;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(e.Message);
            return null;
        }
    }
}

/// <summary>A day far ahead of any file's own time; each step is longer than the pause between two looks of retention.</summary>
sealed class StepClock : TimeProvider
{
    static readonly DateTimeOffset Start = new(2100, 1, 1, 12, 0, 0, TimeSpan.Zero);

    long _steps;

    public void Step() => Interlocked.Increment(ref _steps);

    public override DateTimeOffset GetUtcNow() => Start + Elapsed;
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override long GetTimestamp() => Elapsed.Ticks;

    TimeSpan Elapsed => TimeSpan.FromMinutes(2 * Interlocked.Read(ref _steps));
}
