using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Destinations.Loki;

// Loki takes what it can of a push and answers 400 for the rest, naming one line or a few. Which ones it means is found
// out by pushing again with fewer: streams apart, then what is older than it takes, then halves.
//
// Loki knows a line again only while that line is in its stream's newest block (256 KiB by default), so nothing that it
// may have is pushed a second time before it was asked: not after a 400, and not when an earlier attempt had no answer.
// A Loki that may not be asked gets all of it again, and some lines are then there twice.

/// <summary>
/// Loki, by its push API. Records that it refuses for good are counted by reason; they are in their file.
/// </summary>
sealed class LokiDestination(LokiOptions options, LokiClient client, ChannelRules rules)
    : ILogDestination<DeliveryReceipt>
{
    /// <summary>Pushes for one batch; lines that are still undecided then count as refused.</summary>
    const int PushesMax = 300;

    public const string DestinationName = "loki";

    public string Name => DestinationName;

    /// <exception cref="DestinationUnavailableException">It takes nothing now; try again.</exception>
    public async Task<DeliveryReceipt> WriteAsync(IncomingBatch batch, CancellationToken cancellationToken = default)
    {
        var outcome = new Outcome();
        var records = Writable(batch)
            .Where(record => !(record.Level < rules.Of(ChannelName.Of(record.Channel)).LevelMin)).ToList();
        var fitting = records.Where(record => record.Record.Length <= options.LineBytesMax).ToList();
        outcome.Refuse("line_too_long", records.Count - fitting.Count);
        foreach (var push in Pushes(LokiStream.Of(fitting, batch.Header, batch.Folders, options.Labels)))
            await PushAsync(push, batch.IsRepeated, outcome, cancellationToken).ConfigureAwait(false);
        return new DeliveryReceipt { Destination = Name, RecordCount = records.Count - outcome.RefusedCount,
            Refused = outcome.Refused };
    }

    /// <summary>The records that have a line in a file.</summary>
    static IReadOnlyList<RoutedRecord> Writable(IncomingBatch batch)
    {
        try
        {
            return BatchPreparer.Read(batch.Header, batch.Records).Records;
        }
        catch (BatchRefusedException)
        {
            return BatchSalvage.Good(batch.Workflow, batch.Header, batch.Records);
        }
    }

    /// <summary>Streams in portions of <see cref="LokiOptions.PushBytesMax"/> each.</summary>
    IEnumerable<List<LokiStream>> Pushes(IReadOnlyList<LokiStream> streams)
    {
        var (push, bytes) = (new List<LokiStream>(), 0);
        foreach (var stream in streams)
        {
            var start = 0;
            for (var i = 0; i < stream.Entries.Count; i++)
            {
                var length = stream.Entries[i].Line.Length;
                if (bytes + length > options.PushBytesMax && bytes > 0)
                {
                    if (i > start) push.Add(Part(stream, start, i));
                    yield return push;
                    (push, bytes, start) = ([], 0, i);
                }
                bytes += length;
            }
            push.Add(Part(stream, start, stream.Entries.Count));
        }
        if (push.Count > 0) yield return push;
    }

    async Task PushAsync(List<LokiStream> streams, bool isRepeated, Outcome outcome,
        CancellationToken cancellationToken)
    {
        if (isRepeated) streams = await MissingAsync(streams, cancellationToken).ConfigureAwait(false);
        var left = new Stack<List<LokiStream>>([streams]);
        while (left.TryPop(out var push))
        {
            if (push.Count == 0) continue;
            outcome.Pushes++;
            var answer = await client.PushAsync(push, cancellationToken).ConfigureAwait(false);
            if (answer.Refusal is not { } reason) continue;
            if (push.Count > 1 || push[0].Entries.Count > 1)
                push = await MissingAsync(push, cancellationToken).ConfigureAwait(false);
            var count = push.Sum(stream => stream.Entries.Count);
            if (count == 0) continue;
            if (count == 1 || outcome.Pushes >= PushesMax)
            {
                outcome.Refuse(reason, count);
                continue;
            }
            if (push.Count > 1)
            {
                foreach (var stream in push.AsEnumerable().Reverse()) left.Push([stream]);
                continue;
            }
            var (one, older) = (push[0], OlderThan(push[0], answer.OldestTaken));
            if (older > 0) outcome.Refuse(reason, older);
            var at = older > 0 ? older : count / 2;
            if (at < count) left.Push([Part(one, at, count)]);
            if (older == 0) left.Push([Part(one, 0, at)]);
        }
    }

    /// <summary>The lines that Loki does not have, as far as it may be asked.</summary>
    async Task<List<LokiStream>> MissingAsync(List<LokiStream> streams, CancellationToken cancellationToken)
    {
        var missing = new List<LokiStream>();
        foreach (var stream in streams)
        {
            var left = await client.MissingAsync(stream, cancellationToken).ConfigureAwait(false);
            if (left.Entries.Count > 0) missing.Add(left);
        }
        return missing;
    }

    static int OlderThan(LokiStream stream, DateTimeOffset? time)
    {
        if (time is not { } oldest) return 0;
        var least = LokiEntry.NanosecondsOf(oldest);
        return stream.Entries.TakeWhile(entry => entry.Nanoseconds < least).Count();
    }

    static LokiStream Part(LokiStream stream, int start, int end) =>
        start == 0 && end == stream.Entries.Count
            ? stream : stream with { Entries = [.. stream.Entries.Skip(start).Take(end - start)] };

    sealed class Outcome
    {
        readonly SortedDictionary<string, int> _refused = new(StringComparer.Ordinal);

        public int Pushes { get; set; }
        public int RefusedCount => _refused.Values.Sum();
        public IReadOnlyDictionary<string, int>? Refused => _refused.Count == 0 ? null : _refused;

        public void Refuse(string reason, int count)
        {
            if (count > 0) _refused[reason] = _refused.GetValueOrDefault(reason) + count;
        }
    }
}
