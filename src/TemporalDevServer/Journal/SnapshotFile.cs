using LogPipeline.DurableFiles;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Journal;

/// <summary>
/// A snapshot: a record for the state without its runs, then one for each run. A partial one is not used.
/// </summary>
static class SnapshotFile
{
    // Runs are serialized on the engine's thread, so into memory; a record of the file holds one message.
    public static IReadOnlyList<ReadOnlyMemory<byte>> Serialize(WorkflowEngine engine, long input)
    {
        var records = new List<ReadOnlyMemory<byte>> { default };
        records.AddRange(engine.Runs.Select(run => (ReadOnlyMemory<byte>)run.ToRecord()));
        var head = new SnapshotHead
        {
            Version = JournalVersion.Written,
            Input = input,
            Runs = records.Count - 1,
            State = engine.State,
        };
        records[0] = head.ToByteArray();
        return records;
    }

    /// <summary>It is on disk, under its name, when this returns.</summary>
    public static void Write(StoreDirectory directory, long number, IReadOnlyList<ReadOnlyMemory<byte>> records)
    {
        var name = JournalFiles.Name(JournalFiles.Snapshot, number);
        var unfinished = name + JournalFiles.Unfinished;
        // What an earlier one left that could not be finished.
        foreach (var left in directory.List())
            if (left.StartsWith(JournalFiles.Snapshot, StringComparison.Ordinal)
                && left.EndsWith(JournalFiles.Unfinished, StringComparison.Ordinal))
                directory.Delete(left);
        using (var log = RecordLog.Open(directory, unfinished, JournalFiles.StateOptions))
        {
            foreach (var record in records)
            {
                log.Append(record.Span);
                if (log.End - log.Committed > 1024 * 1024) log.Commit();
            }
            log.Sync();
        }
        directory.Replace(unfinished, name);
    }

    /// <exception cref="InvalidDataException">Part of it is damaged or missing.</exception>
    /// <exception cref="JournalMismatchException">It is of a version that this program does not know.</exception>
    public static (WorkflowEngine Engine, long Input) Read(
        StoreDirectory directory, long number, IHistoryArchive archive)
    {
        var name = JournalFiles.Name(JournalFiles.Snapshot, number);
        using var reader = new RecordLogReader(directory, name, JournalFiles.StateOptions);
        try
        {
            SnapshotHead? head = null;
            var runs = new List<RunState>();
            foreach (var record in reader.Read())
            {
                if (head is null)
                    JournalVersion.Check(name, (head = SnapshotHead.Parser.ParseFrom(record.Payload.Span)).Version);
                else runs.Add(RunState.FromRecord(record.Payload.Span));
            }
            if (head is null || head.Runs != runs.Count || reader.DamagedBytes > 0)
                throw new InvalidDataException(
                    $"{name} holds {runs.Count} of {head?.Runs ?? 0} runs, and {reader.DamagedBytes} bytes that "
                    + "belong to none.");
            return (WorkflowEngine.Load(head.State, runs, archive), head.Input);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{name} cannot be read: {e.Message}", e);
        }
    }
}
