using LogPipeline.Publisher;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>A journal without a sink around it.</summary>
static class JournalRig
{
    public static readonly JournalName Name = new("orders", "20261121T080000-1");
    public static readonly RecordFormatter Formatter =
        new(new CaptureContext(new TemporalSinkOptions { Source = "orders" }), Name.Instance);

    public static CapturedRecord Record(int number, int padding = 0) =>
        Formatter.Format(SomeEvent.Of($"m{number}", ("Padding", new string('x', padding))));

    /// <summary>The one segment that a process left, filled up to this size, and the frames in it.</summary>
    /// <param name="sealedEach">Records of a batch; behind them stands its seal. 0: no seals, as in journals of old.</param>
    public static (byte[] Bytes, List<Frame> Frames) Segment(int capacity, int sealedEach = 0)
    {
        var frames = new List<Frame>();
        var directory = new InMemoryDisk().Root;
        using var segment = RecordSegment.Create(directory, Name.Segment(1), capacity);
        for (var number = 1; ; number++)
        {
            var record = Record(number, number * 7 % 50);
            var frame = RecordFrame.LengthOf(record, number);
            if (!segment.HasRoom(frame)) break;
            segment.Append(record, number, frame);
            frames.Add(new Frame(segment.End, number, null));
            if (sealedEach == 0 || number % sealedEach != 0) continue;
            var first = number - sealedEach + 1;
            var seal = new Seal(first, number, first == 1 ? null : new BatchId(Name.Source, Name.Instance, first - sealedEach).ToString());
            if (!segment.HasRoomFor(seal)) break;
            segment.Append(seal);
            frames.Add(new Frame(segment.End, 0, seal));
        }
        using var file = directory.Open(segment.Name, StoreOpen.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return (bytes, frames);
    }

    /// <summary>Opens a journal of this one segment and takes all that can be read of it.</summary>
    public static Reading Read(ReadOnlySpan<byte> segment)
    {
        var directory = new InMemoryDisk().Root;
        using (var file = directory.Open(Name.Segment(1), StoreOpen.New)) file.Write(segment, 0);
        using var journal = Journal.Load(directory, Name, Formatter);
        var lost = journal.Found.Lost;
        var batches = new List<FrozenBatch>();
        var sequences = Drain(journal, more => lost += more, batches.Add);
        journal.End();
        return new Reading(journal.Found.Records, lost, sequences, batches, directory.List());
    }

    /// <summary>The numbers of the records in the order in which they would be sent.</summary>
    public static List<long> Drain(Journal journal, Action<long>? onLost = null, Action<FrozenBatch>? onBatch = null)
    {
        var sequences = new List<long>();
        while (journal.Next(100, 100_000, null, onLost ?? (lost => throw new InvalidOperationException($"{lost} lost"))) is { } batch)
        {
            onBatch?.Invoke(batch);
            sequences.AddRange(SequencesIn(batch));
            journal.Done(accepted: true);
        }
        return sequences;
    }

    public static IEnumerable<long> SequencesIn(FrozenBatch batch) =>
        LogBatchRecords.Decode(batch.Records).Select(record => SequenceOf(record.Span));

    static long SequenceOf(ReadOnlySpan<byte> record)
    {
        var text = record[(record.IndexOf("\"seq\":"u8) + 6)..];
        System.Buffers.Text.Utf8Parser.TryParse(text, out long sequence, out _).ShouldBeTrue();
        return sequence;
    }

    /// <summary>A frame of a segment: a record, or a seal.</summary>
    public sealed record Frame(long End, long Sequence, Seal? Seal);

    public sealed record Reading(long Found, long Lost, List<long> Sequences, List<FrozenBatch> Batches, IReadOnlyList<string> Files);
}
