using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Configuration;
using LogPipeline.Workflows.Connecting;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Canary;

/// <summary>Sends a canary the whole way and looks for it at each place.</summary>
/// <param name="connection">Where it goes, for sentences.</param>
/// <param name="taskQueue">Whose worker writes it.</param>
/// <param name="directoryOf">The log directory of a worker by its name in receipts; null: it is on another machine.</param>
/// <param name="loki">Where the worker pushes; null: Loki is not looked at.</param>
/// <param name="time">Measures the way.</param>
sealed class CanaryProbe(TemporalClientConnectOptions connection, string taskQueue, Func<string, string?> directoryOf, LokiOptions? loki,
    TimeProvider time)
{
    /// <summary>One that has not come through by then is missing.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromMinutes(1);

    static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);
    static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(250);

    public async Task<CanaryResult> SendAsync(ITemporalClient client, BatchId id, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        var canary = CanaryEvent.Of(id, time.GetUtcNow());
        var result = new CanaryResult(id.ToString(), canary.Header.From);
        using var limit = new CancellationTokenSource(TimeMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await BatchStart.StartAsync(client, id, canary.Header, canary.Input(), taskQueue, both.Token).ConfigureAwait(false);
            result = result with { AcceptedSeconds = Passed() };
            var receipt = await client.GetWorkflowHandle(id.ToString()).GetResultAsync<WriteReceipt>(
                rpcOptions: new RpcOptions { CancellationToken = both.Token }).WaitAsync(both.Token).ConfigureAwait(false);
            if (receipt.Files is not [var range])
                return result with { Problem = $"The worker {receipt.Worker} wrote no line of it; its dead letter: {receipt.DeadLetter}." };
            result = result with { WrittenSeconds = Passed(), File = range.File, Worker = receipt.Worker };
            if (directoryOf(receipt.Worker) is { } directory)
            {
                if (!Holds(Path.Combine(directory, range.File), range, canary.Record))
                    return result with { Problem = $"Its receipt names {range.File}, and it is not in that file in {directory}." };
                result = result with { ReadSeconds = Passed() };
            }
            if (loki is null) return result;
            await FindInLokiAsync(loki, canary, both.Token).ConfigureAwait(false);
            return result with { LokiSeconds = Passed() };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && WhyMissing(e, result) is { } why)
        {
            return result with { Problem = await TroubleAsync(client, id, result, cancellationToken).ConfigureAwait(false) ?? why };
        }

        double Passed() => time.GetElapsedTime(begun).TotalSeconds;
    }

    // What the worker says of its last attempt to write or push it.
    static async Task<string?> TroubleAsync(ITemporalClient client, BatchId id, CanaryResult result, CancellationToken cancellationToken)
    {
        if (result.AcceptedSeconds is null || result.WrittenSeconds is not null) return null;
        try
        {
            return await BatchTrouble.OfAsync(client, id,
                new RpcOptions { Timeout = AnswerMax, Retry = false, CancellationToken = cancellationToken }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException)
        {
            return null;
        }
    }

    async Task FindInLokiAsync(LokiOptions options, CanaryEvent canary, CancellationToken cancellationToken)
    {
        using var lokis = new LokiClient(options);
        var streams = LokiStream.Of([canary.Routed()], canary.Header, [ChannelName.Canary.ToString()], options.Labels,
            new RefusedRecords());
        while ((await lokis.MissingAsync(streams[0], cancellationToken).ConfigureAwait(false)).Entries.Count > 0)
            await Task.Delay(AskInterval, time, cancellationToken).ConfigureAwait(false);
    }

    static bool Holds(string path, WrittenRange range, byte[] record)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var line = new byte[record.Length];
            return range.Length == record.Length + 1 && RandomAccess.Read(file, line, range.Offset) == line.Length
                && line.AsSpan().SequenceEqual(record);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    string? WhyMissing(Exception error, CanaryResult result) => error switch
    {
        DestinationUnavailableException e => e.Message,
        WorkflowFailedException e => $"Its workflow ended without a receipt: {e.InnerException?.Message ?? e.Message}",
        OperationCanceledException or TimeoutException or RpcTimeoutOrCanceledException => WhereLost(result),
        _ => ConnectProblem.Of(error, connection)?.Sentence,
    };

    static string WhereLost(CanaryResult result)
    {
        var within = $"within {OptionText.Duration(TimeMax)}";
        if (result.AcceptedSeconds is null) return $"Temporal did not take it {within}; 'logworker test-temporal' says more.";
        return result.WrittenSeconds is null ? $"Temporal has it, and no worker wrote it {within}; 'logworker doctor' says more."
            : $"It is in its file, and Loki did not answer with it {within}; see LOG_LOKI_URL, and whether this login may ask.";
    }
}
