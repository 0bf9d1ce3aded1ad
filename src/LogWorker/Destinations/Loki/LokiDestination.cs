using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;

namespace LogPipeline.Worker.Destinations.Loki;

// Loki knows a line again only while that line is in its stream's newest block (256 KiB by default), so nothing that it
// may have is pushed a second time before it was asked: not after a 400, and not when an earlier attempt had no answer.
// A Loki that may not be asked gets all of it again, and some lines are then there twice.
//
// Each time that Loki refuses to begin a stream because of its schema, it puts the stream into its index all the same,
// and counts the lines of that stream once more from then on (count_over_time in its ingester). So a day without a
// schema is kept in mind, and its lines are not sent again.

/// <summary>
/// Loki, by its push API. Records that it refuses for good are counted by reason; they are in their file.
/// </summary>
sealed class LokiDestination(LokiOptions options, LokiClient client, ChannelRules rules, ILogger logger)
    : ILogDestination<DeliveryReceipt>
{
    public const string DestinationName = "loki";

    // Loki 1.0 is of 2019. A later day without a schema may be an operator's mistake, and corrected while this runs.
    static readonly long SchemaKnownMax =
        LokiEntry.NanosecondsOf(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero));

    // Set by any delivery, and never back: settings of the server, found by its answers.
    volatile bool _isWithoutMetadata;
    int _toldOfMetadata;
    long _schemaIsAfter = long.MinValue;

    public string Name => DestinationName;

    /// <exception cref="DestinationUnavailableException">It takes nothing now; try again.</exception>
    public async Task<DeliveryReceipt> WriteAsync(IncomingBatch batch, CancellationToken cancellationToken = default)
    {
        var refused = new RefusedRecords();
        var records = Writable(batch)
            .Where(record => !(record.Level < rules.Of(ChannelName.Of(record.Channel)).LevelMin)).ToList();
        var fitting = records.Where(record => record.Record.Length <= options.LineBytesMax).ToList();
        refused.Add(LokiAnswer.LineTooLong, records.Count - fitting.Count);
        var search = new RefusalSearch<LokiEntry>(refused);
        DestinationUnavailableException? waiting = null;
        foreach (var stream in LokiStream.Of(fitting, batch.Header, batch.Folders, options.Labels, refused))
        {
            try
            {
                foreach (var portion in Portions(InSchema(stream, refused)))
                    await SendAsync(portion, batch.IsRepeated, search, cancellationToken).ConfigureAwait(false);
            }
            catch (DestinationUnavailableException e) when (e.TakesOthers)
            {
                // The batch is tried again for this stream; the others are there already.
                waiting ??= e;
            }
        }
        if (waiting is not null) throw waiting;
        return new DeliveryReceipt { Destination = Name, RecordCount = records.Count - refused.Count,
            Refused = refused.ByReason };
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

    LokiStream InSchema(LokiStream stream, RefusedRecords refused)
    {
        var after = Volatile.Read(ref _schemaIsAfter);
        var older = stream.Entries.TakeWhile(entry => entry.Nanoseconds < after).Count();
        refused.Add(LokiAnswer.BeforeSchema, older);
        return Part(stream, older, stream.Entries.Count);
    }

    /// <summary>A stream in portions of <see cref="LokiOptions.PushBytesMax"/> each.</summary>
    IEnumerable<LokiStream> Portions(LokiStream stream)
    {
        var (start, bytes) = (0, 0);
        for (var i = 0; i < stream.Entries.Count; i++)
        {
            var length = stream.Entries[i].Line.Length;
            if (bytes + length > options.PushBytesMax && bytes > 0)
            {
                yield return Part(stream, start, i);
                (start, bytes) = (i, 0);
            }
            bytes += length;
        }
        if (start < stream.Entries.Count) yield return Part(stream, start, stream.Entries.Count);
    }

    static LokiStream Part(LokiStream stream, int start, int end) =>
        start == 0 && end == stream.Entries.Count
            ? stream : stream with { Entries = [.. stream.Entries.Skip(start).Take(end - start)] };

    async Task SendAsync(LokiStream portion, bool isRepeated, RefusalSearch<LokiEntry> search,
        CancellationToken cancellationToken)
    {
        if (isRepeated) portion = await client.MissingAsync(portion, cancellationToken).ConfigureAwait(false);
        await search.SendAsync(portion.Entries, (entries, token) =>
            PushAsync(portion with { Entries = entries }, token), cancellationToken).ConfigureAwait(false);
    }

    async Task<SendOutcome<LokiEntry>> PushAsync(LokiStream stream, CancellationToken cancellationToken)
    {
        if (_isWithoutMetadata) stream = stream.WithoutMetadata();
        while (true)
        {
            var answer = await client.PushAsync(stream, cancellationToken).ConfigureAwait(false);
            if (answer.Reason is null) return SendOutcome<LokiEntry>.Taken;
            if (answer.SchemaIsAfter is { } after) KeepSchema(after);
            if (!answer.TookNone && stream.Entries.Count > 1)
                stream = await client.MissingAsync(stream, cancellationToken).ConfigureAwait(false);
            if (stream.Entries.Count == 0) return SendOutcome<LokiEntry>.Taken;
            if (!answer.IsOfMetadata || !stream.Entries.Any(entry => entry.HasMetadata))
                return new SendOutcome<LokiEntry>(answer.Reason, stream.Entries, answer.ReasonOf);
            if (answer.DisallowsMetadata) GoOnWithoutMetadata();
            stream = stream.WithoutMetadata();
        }
    }

    void KeepSchema(long after)
    {
        // Of two at once the later one stays; the other costs one more refused push.
        if (after <= SchemaKnownMax && after > Volatile.Read(ref _schemaIsAfter))
            Volatile.Write(ref _schemaIsAfter, after);
    }

    void GoOnWithoutMetadata()
    {
        _isWithoutMetadata = true;
        if (Interlocked.Exchange(ref _toldOfMetadata, 1) == 0)
            WorkerLog.LokiTakesNoMetadata(logger, options.Url.ToString());
    }
}
