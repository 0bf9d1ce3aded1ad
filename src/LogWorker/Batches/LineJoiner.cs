using System.Buffers;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Batches;

/// <summary>A record that can be written, and what decides where and whether.</summary>
/// <param name="Record">One CLEF object.</param>
/// <param name="Channel">The channel's own text.</param>
/// <param name="Level">Null: the record says none that is known; it is written whatever the least is.</param>
readonly record struct RoutedRecord(ReadOnlyMemory<byte> Record, string Channel, RecordLevel? Level);

/// <summary>Makes records into lines, those of a channel together and in their order, each channel by its rule.</summary>
static class LineJoiner
{
    public static PreparedBatch Join(LogBatchHeader header, BatchId id, IReadOnlyList<RoutedRecord> records, ChannelRules rules)
    {
        var channels = new List<OfChannel>();
        var byName = new Dictionary<string, OfChannel>(StringComparer.Ordinal);
        var (length, filtered, crc) = (0, 0, 0u);
        foreach (var record in records)
        {
            crc = Crc32C.Append(Crc32C.Append(crc, record.Record.Span), "\n"u8);
            if (!byName.TryGetValue(record.Channel, out var channel))
                byName[record.Channel] = channel = new OfChannel(record.Channel, rules.Of(ChannelName.Of(record.Channel)));
            if (record.Level < channel.Rule.LevelMin)
            {
                filtered++;
                continue;
            }
            if (channel.Records.Count == 0) channels.Add(channel);
            channel.Records.Add(record.Record);
            length += record.Record.Length + 1;
        }
        var lines = new ArrayBufferWriter<byte>(Math.Max(1, length));
        var parts = channels.ConvertAll(channel => Part(channel, lines));
        return new PreparedBatch(id, lines.WrittenMemory, parts)
        {
            Previous = header.PreviousId, IsUrgent = header.IsUrgent, Came = new BatchOrigin(records.Count, crc, header.LastSequence), Filtered = filtered,
        };
    }

    static PreparedPart Part(OfChannel channel, ArrayBufferWriter<byte> lines)
    {
        var start = lines.WrittenCount;
        var formatter = LineFormatter.Of(channel.Rule.Format, channel.Rule.Template);
        foreach (var record in channel.Records) formatter.Write(record.Span, lines);
        var written = lines.WrittenSpan[start..];
        return new PreparedPart(channel.Name, written.Length, channel.Records.Count, Crc32C.Compute(written), channel.Rule.Format);
    }

    sealed record OfChannel(string Name, ChannelRule Rule)
    {
        public List<ReadOnlyMemory<byte>> Records { get; } = [];
    }
}
