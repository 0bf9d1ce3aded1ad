using System.Security.Cryptography;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace LogPipeline.Worker.Canary;

/// <summary>A numbered event as a batch of its own, in a channel that no application has.</summary>
sealed record CanaryEvent(BatchId Id, LogBatchHeader Header, byte[] Record)
{
    /// <summary>The source of these batches.</summary>
    public const string Source = "logworker-canary";

    const string Level = "info";

    /// <summary>The first of a process.</summary>
    public static BatchId FirstOf(DateTimeOffset now) => new(Source,
        now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)
        + $"-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", 1);

    public static CanaryEvent Of(BatchId id, DateTimeOffset at)
    {
        var record = JsonSerializer.SerializeToUtf8Bytes(new SortedDictionary<string, object>(StringComparer.Ordinal)
        {
            ["@t"] = at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), ["@mt"] = "Canary {Number} of {MachineName}",
            ["Number"] = id.FirstSequence, ["MachineName"] = Environment.MachineName, [RecordFields.Level] = Level,
            [RecordFields.Channel] = ChannelName.CanaryChannel, [RecordFields.Source] = id.Source,
            [RecordFields.Instance] = id.Instance, [RecordFields.Sequence] = id.FirstSequence,
        });
        return new CanaryEvent(id, new LogBatchHeader
        {
            Source = id.Source, Instance = id.Instance, FirstSequence = id.FirstSequence, LastSequence = id.FirstSequence,
            Previous = id.FirstSequence == 1 ? null : new BatchId(id.Source, id.Instance, id.FirstSequence - 1).ToString(),
            RecordCount = 1, Bytes = LogBatchRecords.EncodedLength(1, record.Length), From = at, To = at,
            Levels = new Dictionary<string, int> { [Level] = 1 },
            Channels = new Dictionary<string, int> { [ChannelName.CanaryChannel] = 1 },
        }, record);
    }

    /// <summary>The workflow's input.</summary>
    public IReadOnlyList<Payload> Input() =>
        [DataConverter.Default.PayloadConverter.ToPayload(Header), BatchStart.PayloadOf(LogBatchRecords.Encode([Record]))];

    public RoutedRecord Routed() => new(Record, ChannelName.CanaryChannel, RecordLevel.Info);
}
