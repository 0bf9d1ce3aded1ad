using LogPipeline.Worker.Batches;
using LogPipeline.Workflows.Codecs;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>
/// Whether all that waits is batches that cannot be read here, so that waiting for them does not help: their key is
/// missing, or nobody can read them. What a batch holds does not change, so each is looked at once.
/// </summary>
/// <param name="client">Its codec is not asked: the input is looked at as Temporal has it.</param>
/// <param name="codec">Reads what it can.</param>
/// <param name="taskQueue">Whose batches.</param>
sealed class UnreadableBacklog(ITemporalClient client, PipelineCodec codec, string taskQueue)
{
    /// <summary>With more than these it is not decided: each is a call.</summary>
    const int BatchesMax = 200;

    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);
    readonly SortedSet<string> _missingKeys = new(StringComparer.Ordinal);
    bool _hasDamaged;

    /// <summary>What those that were seen need, in a sentence; null: none was seen.</summary>
    public string? Remedy
    {
        get
        {
            var remedies = new List<string>();
            if (_missingKeys.Count == 1)
                remedies.Add($"the key '{_missingKeys.Min}' is missing, add it to {CodecVariables.Keys}");
            if (_missingKeys.Count > 1)
                remedies.Add($"the keys {string.Join(", ", _missingKeys.Select(key => $"'{key}'"))} are missing, add "
                    + $"them to {CodecVariables.Keys}");
            if (_hasDamaged) remedies.Add("some can be read by nobody, see 'logworker dead-letters keep'");
            return remedies.Count == 0 ? null : string.Join("; ", remedies);
        }
    }

    /// <param name="running">So many batches wait, at least.</param>
    /// <returns>False: it is not so, or not known.</returns>
    public async Task<bool> IsAllAsync(long running, CancellationToken cancellationToken)
    {
        if (running > BatchesMax) return false;
        var rpc = new RpcOptions { Timeout = CallTimeout, CancellationToken = cancellationToken };
        try
        {
            var (isAll, count) = (true, 0);
            await foreach (var execution in client.ListWorkflowsAsync(UnreadableBatches.QueryOf(taskQueue),
                new WorkflowListOptions { Limit = BatchesMax, Rpc = rpc }).ConfigureAwait(false))
            {
                count++;
                if (!_unreadable.Contains(execution.RunId))
                    isAll &= await IsUnreadableAsync(execution.Id, execution.RunId, rpc).ConfigureAwait(false);
            }
            return isAll && count >= running;
        }
        catch (Exception e) when (e is RpcException
            or RpcTimeoutOrCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    async Task<bool> IsUnreadableAsync(string workflow, string run, RpcOptions rpc)
    {
        var beginning = await BatchInput.GetBeginningAsync(client, workflow, run, countMax: 1, rpc)
            .ConfigureAwait(false);
        if (BatchInput.Of(beginning) is not { } input) return false;
        switch (UnreadableInput.Judge(input, codec))
        {
            case { MissingKey: { } key }:
                _missingKeys.Add(key);
                break;
            case { By: not ReadableBy.OtherWorker }:
                _hasDamaged = true;
                break;
            default:
                return false;
        }
        return _unreadable.Add(run);
    }
}
