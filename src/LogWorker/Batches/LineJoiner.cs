using System.Buffers;
using System.Runtime.InteropServices;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Batches;

/// <summary>A record that can be written, with what decides whether it is and where.</summary>
/// <param name="Record">One CLEF object.</param>
/// <param name="Channel">The channel's own text.</param>
/// <param name="Level">Null: the record has no known level; it is always written.</param>
readonly record struct RoutedRecord(ReadOnlyMemory<byte> Record, string Channel, RecordLevel? Level);

/// <summary>
/// Makes records into lines, those of a channel together and in their order, each channel by its rule.
/// </summary>
static class LineJoiner
{
    /// <summary>Most bytes of a batch's lines: four times the largest batch, as formats may add to records.</summary>
    public const int LinesBytesMax = 8 << 20;

    /// <exception cref="BatchRefusedException">It has more channels or longer lines than a batch may have.</exception>
    public static PreparedBatch Join(LogBatchHeader header, BatchId id, IReadOnlyList<RoutedRecord> records,
        ChannelRules rules)
    {
        var ruleOf = new Dictionary<string, ChannelRule>(StringComparer.Ordinal);
        var recordsOf = new OrderedDictionary<string, List<ReadOnlyMemory<byte>>>(StringComparer.Ordinal);
        var volume = new Dictionary<(string Channel, RecordLevel? Level), int>();
        var (length, filtered, crc) = (0, 0, 0u);
        foreach (var record in records)
        {
            crc = Crc32C.Append(Crc32C.Append(crc, record.Record.Span), "\n"u8);
            if (!ruleOf.TryGetValue(record.Channel, out var rule))
                ruleOf[record.Channel] = rule = rules.Of(ChannelName.Of(record.Channel));
            if (ruleOf.Count > BatchAdmission.ChannelsMax)
                throw new BatchRefusedException(
                    $"The records of batch {id} have more than {BatchAdmission.ChannelsMax} channels.");
            if (record.Level < rule.LevelMin)
            {
                filtered++;
                continue;
            }
            if (!recordsOf.TryGetValue(record.Channel, out var written)) recordsOf[record.Channel] = written = [];
            written.Add(record.Record);
            CollectionsMarshal.GetValueRefOrAddDefault(volume, (record.Channel, record.Level), out _)++;
            length += record.Record.Length + 1;
        }
        var lines = new ArrayBufferWriter<byte>(Math.Max(1, length));
        PreparedPart[] parts =
            [.. recordsOf.Select(channel => WritePart(channel.Key, channel.Value, ruleOf[channel.Key], lines))];
        return new PreparedBatch(id, lines.WrittenMemory, parts)
        {
            Previous = header.PreviousId, IsUrgent = header.IsUrgent,
            Origin = new BatchOrigin(records.Count, crc, header.LastSequence), Filtered = filtered,
            Volume = volume, LoggedAt = header.From,
        };
    }

    static PreparedPart WritePart(string channel, List<ReadOnlyMemory<byte>> records, ChannelRule rule,
        ArrayBufferWriter<byte> lines)
    {
        var start = lines.WrittenCount;
        foreach (var record in records)
        {
            WriteLine(record.Span, rule, lines);
            if (lines.WrittenCount > LinesBytesMax)
                throw new BatchRefusedException($"The lines have more than {LinesBytesMax} bytes.");
        }
        var written = lines.WrittenSpan[start..];
        return new PreparedPart(channel, written.Length, records.Count, Crc32C.Compute(written), rule.Format);
    }

    // The same record gives the same bytes every time, on every machine.
    static void WriteLine(ReadOnlySpan<byte> record, ChannelRule rule, ArrayBufferWriter<byte> lines)
    {
        switch (rule.Format)
        {
            case LogFormat.Clef:
                lines.Write(record);
                lines.Write("\n"u8);
                break;
            case LogFormat.Json:
                FlatJsonFormatter.Write(record, lines);
                break;
            default:
                TextFormatter.Write(record, rule.Template, lines);
                break;
        }
    }
}
