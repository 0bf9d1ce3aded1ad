using LogPipeline.DurableFiles;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Journal;

/// <summary>The first events in memory of a run, on their way out.</summary>
readonly record struct LeavingEvents(long RunNumber, HistoryEvent[] Events);

/// <summary>Histories on disk, read on demand: files that are written once and never changed.</summary>
sealed class HistoryArchive(StoreDirectory directory, JournalLog log) : IHistoryArchive
{
    // An open run's events move in larger parts, so that its history is not spread over many small records.
    const int OpenRunEventsMin = 64;

    /// <summary>
    /// The events to move: all of closed runs, and enough of open ones. For the engine's thread.
    /// </summary>
    public static List<LeavingEvents> Collect(WorkflowEngine engine) =>
        [.. engine.Runs
            .Where(
                run => run.History.Count > 0
                    && (run.CloseTime != 0 || run.History.Count >= OpenRunEventsMin || run.HistoryBytes >= 16 * 1024))
            .Select(run => new LeavingEvents(run.Number, [.. run.History]))];

    /// <summary>Writes and syncs them. For any thread, as numbered events do not change.</summary>
    public List<(long RunNumber, HistoryPart Part)> Write(long file, List<LeavingEvents> leaving)
    {
        var parts = new List<(long, HistoryPart)>(leaving.Count);
        if (leaving.Count == 0) return parts;
        var name = JournalFiles.Name(JournalFiles.History, file);
        // A start may have gone back behind the snapshot of an older file with this name.
        directory.Delete(name);
        using var archive = RecordLog.Open(directory, name, JournalFiles.StateOptions);
        foreach (var (run, events) in leaving)
        {
            var position = archive.Append(new History { Events = { events } }.ToByteArray());
            parts.Add((run, new HistoryPart
            {
                File = file,
                Position = position,
                FirstEventId = events[0].EventId,
                Events = events.Length,
            }));
            if (archive.End - archive.Committed > 1024 * 1024) archive.Commit();
        }
        archive.Sync();
        return parts;
    }

    public IReadOnlyList<HistoryEvent> Read(HistoryPart part)
    {
        var name = JournalFiles.Name(JournalFiles.History, part.File);
        try
        {
            using var reader = new RecordLogReader(directory, name, JournalFiles.StateOptions);
            var events = History.Parser.ParseFrom(reader.ReadAt(part.Position)).Events;
            if (events.Count != part.Events || events[0].EventId != part.FirstEventId)
                throw new InvalidDataException($"{name} holds other events at {part.Position}.");
            return events;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException or FileNotFoundException)
        {
            log.HistoryIsDamaged(name, part.Position, e.Message);
            throw new ServiceError(StatusCode.DataLoss, $"The history is damaged on disk: {e.Message}");
        }
    }
}
