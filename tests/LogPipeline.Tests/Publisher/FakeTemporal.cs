using System.Text.Json;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// Temporal as the publisher sees it, and stricter: a repetition must bring the same bytes, and a batch that names a
/// predecessor must come after it.
/// </summary>
sealed class FakeTemporal : IBatchStarter
{
    readonly Lock _gate = new();
    // In the order in which they came.
    readonly OrderedDictionary<BatchId, FrozenBatch> _batches = [];
    readonly List<string> _broken = [];
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>What happens to an attempt; null: it is accepted.</summary>
    public Func<FrozenBatch, CancellationToken, Task<PublishOutcome>>? Instead { get; set; }

    public int Attempts { get; private set; }

    public static Task<PublishOutcome> Away(FrozenBatch batch, CancellationToken cancellationToken) =>
        Task.FromResult(new PublishOutcome(OutcomeKind.Unreachable, "Connection refused."));

    public static async Task<PublishOutcome> Hang(FrozenBatch batch, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, CancellationToken.None);
        return default;
    }

    /// <summary>Takes the batch and loses the answer.</summary>
    public Task<PublishOutcome> LoseAnswer(FrozenBatch batch, CancellationToken cancellationToken)
    {
        Take(batch);
        return Task.FromResult(new PublishOutcome(OutcomeKind.Unreachable, "No answer.", IsAmbiguous: true));
    }

    public IReadOnlyList<FrozenBatch> Batches
    {
        get { lock (_gate) return [.. _batches.Values]; }
    }

    /// <summary>Every record in the order in which it came.</summary>
    public IReadOnlyList<JsonElement> Records =>
        [.. Batches.SelectMany(batch => LogBatchRecords.Decode(batch.Records)).Select(record => JsonDocument.Parse(record).RootElement)];

    public IReadOnlyList<string> Messages => [.. Records.Select(HostileEventTests.MessageOf)];

    public async Task<PublishOutcome> StartAsync(FrozenBatch batch, CancellationToken cancellationToken)
    {
        Func<FrozenBatch, CancellationToken, Task<PublishOutcome>>? instead;
        lock (_gate)
        {
            Attempts++;
            instead = Instead;
        }
        try
        {
            if (instead is not null) return await instead(batch, cancellationToken);
            Take(batch);
            return PublishOutcome.Accepted;
        }
        finally
        {
            Changed();
        }
    }

    /// <summary>Returns when the condition holds; it is asked after every attempt.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            Task changed;
            lock (_gate) changed = _changed.Task;
            if (condition()) return;
            await changed.WaitAsync(limit.Token);
        }
    }

    public void ShouldBeWhole()
    {
        lock (_gate) _broken.ShouldBeEmpty();
    }

    void Take(FrozenBatch batch)
    {
        lock (_gate)
        {
            if (_batches.TryGetValue(batch.Id, out var first))
            {
                if (!first.Records.AsSpan().SequenceEqual(batch.Records)) _broken.Add($"{batch.Id} came with other bytes the second time");
                return;
            }
            if (batch.Header.PreviousId is { } previous && !_batches.ContainsKey(previous))
                _broken.Add($"{batch.Id} came before {previous}");
            _batches[batch.Id] = batch;
        }
    }

    void Changed()
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        changed.SetResult();
    }
}
