using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Spooling;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>A journal without a sink around it.</summary>
static class JournalRig
{
    public static readonly JournalName Name = new("orders", "20261121T080000-1");
    public static readonly RecordFormatter Formatter = new("orders", Name.Instance, "app", CaptureLimits.Default);

    public static CapturedRecord Record(int number, int padding = 0) =>
        Formatter.Format(SomeEvent.Of($"m{number}", ("Padding", new string('x', padding))));

    /// <summary>The one segment that a process left, with records up to this size, and how many they are.</summary>
    public static (byte[] Bytes, int Records) Segment(int capacity)
    {
        var directory = new InMemoryDisk().Root;
        using var segment = RecordSegment.Create(directory, Name.Segment(1), capacity);
        var number = 1;
        for (; ; number++)
        {
            var record = Record(number, number * 7 % 50);
            var frame = RecordFrame.LengthOf(record, number);
            if (!segment.HasRoom(frame)) break;
            segment.Append(record, number, frame);
        }
        using var file = directory.Open(segment.Name, StoreOpen.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return (bytes, number - 1);
    }

    /// <summary>Opens a journal of this one segment and takes all that can be read of it.</summary>
    public static Reading Read(ReadOnlySpan<byte> segment)
    {
        var directory = new InMemoryDisk().Root;
        using (var file = directory.Open(Name.Segment(1), StoreOpen.New)) file.Write(segment, 0);
        using var journal = Journal.Load(directory, Name, Formatter, sync: false);
        var lost = journal.Found.Lost;
        var sequences = Drain(journal, more => lost += more);
        return new Reading(journal.Found.Records, lost, sequences, directory.List());
    }

    /// <summary>The numbers of the records in the order in which they would be sent.</summary>
    public static List<long> Drain(Journal journal, Action<long>? onLost = null)
    {
        var sequences = new List<long>();
        while (journal.Next(100, 100_000, null, onLost ?? (lost => throw new InvalidOperationException($"{lost} lost"))) is { } batch)
        {
            foreach (var record in LogBatchRecords.Decode(batch.Records)) sequences.Add(SequenceOf(record.Span));
            journal.Done(accepted: true);
        }
        return sequences;
    }

    static long SequenceOf(ReadOnlySpan<byte> record)
    {
        var text = record[(record.IndexOf("\"seq\":"u8) + 6)..];
        System.Buffers.Text.Utf8Parser.TryParse(text, out long sequence, out _).ShouldBeTrue();
        return sequence;
    }

    public sealed record Reading(long Found, long Lost, List<long> Sequences, IReadOnlyList<string> Files);
}
