using LogPipeline.DurableFiles;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Journal;

/// <summary>What a start found: the engine as it was, the last input, and how much was read again for it.</summary>
sealed record Recovered(WorkflowEngine Engine, long Snapshot, long LastInput, long InputsRead, long BytesRead);

/// <summary>
/// Restores the engine: the newest whole snapshot, then the inputs after it, up to the first that is damaged. A torn
/// end is cut off; anything else that cannot be used is set aside. Both are logged.
/// </summary>
sealed class JournalRecovery(StoreDirectory directory, IHistoryArchive archive, JournalLog log)
{
    /// <summary>Null: there is no journal yet.</summary>
    /// <exception cref="InvalidDataException">There is one, and it has no snapshot to begin from.</exception>
    public Recovered? Recover()
    {
        foreach (var name in directory.List())
            if (name.EndsWith(JournalFiles.Unfinished, StringComparison.Ordinal)) directory.Delete(name);
        var snapshots = JournalFiles.Numbers(directory, JournalFiles.Snapshot);
        // Written for a snapshot that was never made.
        foreach (var history in JournalFiles.Numbers(directory, JournalFiles.History))
            if (history > snapshots.LastOrDefault()) directory.Delete(JournalFiles.Name(JournalFiles.History, history));
        foreach (var number in snapshots.Reverse())
        {
            try
            {
                var (engine, input) = SnapshotFile.Read(directory, number, archive);
                return Replay(engine, number, input);
            }
            catch (InvalidDataException e) when (number != snapshots[0])
            {
                var name = JournalFiles.Name(JournalFiles.Snapshot, number);
                log.SnapshotWasSetAside(name, e.Message, SetAside(name));
            }
        }
        if (JournalFiles.Numbers(directory, JournalFiles.Segment).Any(number => number > 1))
            throw new InvalidDataException(
                $"{directory.Path} holds a journal without a snapshot to begin from. Move it away to begin anew.");
        return null;
    }

    Recovered Replay(WorkflowEngine engine, long snapshot, long input)
    {
        var (first, bytes) = (input, 0L);
        for (var segment = snapshot; directory.Exists(JournalFiles.Name(JournalFiles.Segment, segment)); segment++)
        {
            var (position, why) = ReplaySegment(engine, segment, ref input);
            bytes += position;
            if (why is null) continue;
            CutAt(segment, position, why);
            break;
        }
        // Segments after a missing one cannot be replayed.
        foreach (var later in JournalFiles.Numbers(directory, JournalFiles.Segment).Where(number => number > snapshot))
        {
            var name = JournalFiles.Name(JournalFiles.Segment, later);
            if (directory.Exists(JournalFiles.Name(JournalFiles.Segment, later - 1)) || !directory.Exists(name))
                continue;
            SetAsideWhole(
                name, $"{JournalFiles.Name(JournalFiles.Segment, later - 1)}, which it goes on from, cannot be used");
        }
        return new Recovered(engine, snapshot, input, input - first, bytes);
    }

    /// <summary>Where the usable part ends, and why there; null: all of it is.</summary>
    (long Position, string? Why) ReplaySegment(WorkflowEngine engine, long segment, ref long input)
    {
        var end = RecordLog.Start;
        try
        {
            using var reader = new RecordLogReader(
                directory, JournalFiles.Name(JournalFiles.Segment, segment), JournalFiles.SegmentOptions);
            foreach (var record in reader.Read())
            {
                if (record.Position != end) return (end, $"{record.Position - end} bytes are damaged");
                var read = JournalRecord.Parse(record.Payload.Span);
                if (read.Number != input + 1) return (end, $"input {input + 1} was expected and {read.Number} found");
                if (read.Mark != engine.Mark)
                    throw new JournalMismatchException(
                        $"Input {read.Number} of {directory.Path} was taken in another state than the one that "
                        + "reading the journal gives: another version of this program wrote it. Stop the server "
                        + "with that version once, or move the directory away.");
                engine.Step(read.Input, read.Time);
                input = read.Number;
                end = record.Next;
            }
            return reader.DamagedBytes > 0 ? (reader.Length - reader.DamagedBytes, "") : (end, null);
        }
        catch (InvalidDataException e)
        {
            return (end, e.Message);
        }
    }

    void CutAt(long segment, long position, string why)
    {
        var name = JournalFiles.Name(JournalFiles.Segment, segment);
        using var file = directory.Open(name, StoreOpen.Existing);
        var rest = file.Length - position;
        var last = !directory.Exists(JournalFiles.Name(JournalFiles.Segment, segment + 1));
        if (why.Length == 0 && last) log.TailWasCut(name, rest);
        else
        {
            log.PartWasSetAside(
                name, position, why.Length == 0 ? "its end is damaged" : why, rest, Copy(file, name, position));
            var whyLater = $"{name}, which it goes on from, cannot be used to its end";
            foreach (var later in JournalFiles.Numbers(directory, JournalFiles.Segment))
                if (later > segment) SetAsideWhole(JournalFiles.Name(JournalFiles.Segment, later), whyLater);
        }
        file.SetLength(Math.Min(position, file.Length));
        file.Sync();
    }

    void SetAsideWhole(string name, string why)
    {
        long bytes;
        using (var file = directory.Open(name, StoreOpen.Read)) bytes = file.Length;
        log.PartWasSetAside(name, 0, why, bytes, SetAside(name));
    }

    string Copy(StoreFile from, string name, long position)
    {
        var left = FreeName($"{JournalFiles.Left}{name}-{position}");
        using var to = directory.Open(left, StoreOpen.New);
        var chunk = new byte[64 * 1024];
        for (long at = 0; from.Read(chunk, position + at) is > 0 and var count; at += count)
            to.Write(chunk.AsSpan(0, count), at);
        to.Sync();
        directory.Sync();
        return left;
    }

    string SetAside(string name)
    {
        var left = FreeName(JournalFiles.Left + name);
        directory.Replace(name, left);
        return left;
    }

    string FreeName(string wanted)
    {
        var name = wanted;
        for (var i = 2; directory.Exists(name); i++) name = $"{wanted}-{i}";
        return name;
    }
}
