using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using static LogPipeline.EndToEnd.Attacks.HostileStart;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>Batches as several applications send them: each names the one before it.</summary>
sealed class GoodBatches(string source)
{
    const int RecordsOfBatch = 20;
    const int Rows = 10;

    readonly BatchId?[] _last = new BatchId?[Rows];
    int _count;

    /// <summary>What was accepted, as <c>logworker verify --acks</c> reads it.</summary>
    public string Acknowledged => string.Concat(_last.OfType<BatchId>()
        .Select(last => $"{last.Source}/{last.Instance}/1-{last.FirstSequence + RecordsOfBatch - 1}\n"));

    public IReadOnlyList<HostileStart> Next(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    HostileStart Next()
    {
        var row = _count++ % Rows;
        var previous = _last[row];
        var id = new BatchId(source, $"i{row}", (previous?.FirstSequence ?? 1 - RecordsOfBatch) + RecordsOfBatch);
        _last[row] = id;
        var channel = $"channel{row % 3}";
        var records = Some.Records(RecordsOfBatch, id, channel);
        var header = Some.Header(id, records, channel) with { Previous = previous?.ToString() };
        return new HostileStart(source, Fate.Ends, id.ToString(),
            [Of(JsonSerializer.SerializeToUtf8Bytes(header)), Of(LogBatchRecords.Encode(records))]);
    }
}
