using LogPipeline.Publisher;
using LogPipeline.Worker.Canary;
using LogPipeline.Worker.Cli.Send;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Connecting;
using Serilog.Events;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>The checks that ask Temporal itself.</summary>
sealed class ServerChecks(TemporalTarget target, WorkerSettings settings, TimeProvider time)
{
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A batch that is not written by then is looked at: its workflow may say why.</summary>
    static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(5);

    /// <summary>A worker that was started just now polls soon.</summary>
    const int PollersAttempts = 4;

    static readonly TimeSpan PollersDelay = TimeSpan.FromMilliseconds(500);

    readonly TemporalClientConnectOptions _connect = target.Connect;
    readonly string _taskQueue = target.TaskQueue;

    // Connected by the first check.
    TemporalClient _client = null!;

    // Known by the batch; null: none was sent.
    TimeSpan? _ahead;

    public Task<CheckResult> AuthAsync(CancellationToken cancellationToken) => TryAsync("Server", async () =>
    {
        _client = await TemporalClient.ConnectAsync(_connect).WaitAsync(CallTimeout, cancellationToken)
            .ConfigureAwait(false);
        var info = await _client.Connection.WorkflowService.GetSystemInfoAsync(new GetSystemInfoRequest(),
            Options(cancellationToken)).ConfigureAwait(false);
        return CheckResult.Ok("Server", $"Temporal {info.ServerVersion}{(_connect.ApiKey is null ? "" : ", API key taken")}");
    });

    public Task<CheckResult> NamespaceAsync(CancellationToken cancellationToken) => TryAsync("Namespace", async () =>
    {
        var answer =
            await _client.Connection.WorkflowService.DescribeNamespaceAsync(new DescribeNamespaceRequest { Namespace =
                _connect.Namespace }, Options(cancellationToken)).ConfigureAwait(false);
        var days = answer.Config?.WorkflowExecutionRetentionTtl?.ToTimeSpan().TotalDays ?? 0;
        return CheckResult.Ok("Namespace", $"{_connect.Namespace}, finished batches are kept {days:0.#} days");
    });

    /// <summary>What waits, and whether it can be read with these keys.</summary>
    public Task<CheckResult> WaitingAsync(CancellationToken cancellationToken) => TryAsync("Waiting", async () =>
    {
        var count = (await _client.CountWorkflowsAsync(BacklogQuery.Of(_taskQueue),
            new WorkflowCountOptions { Rpc = Options(cancellationToken) }).ConfigureAwait(false)).Count;
        if (count == 0) return CheckResult.Ok("Waiting", $"No batch waits on {_taskQueue}.");
        var raw = new TemporalClient(_client.Connection, new TemporalClientOptions { Namespace = _connect.Namespace });
        var unreadable = new UnreadableBacklog(raw, target.Codec, _taskQueue);
        await unreadable.IsAllAsync(count, cancellationToken).ConfigureAwait(false);
        var waiting = count == 1 ? $"1 batch waits on {_taskQueue}" : $"{count} batches wait on {_taskQueue}";
        return unreadable.Remedy is { } remedy
            ? CheckResult.Failed("Waiting", $"{waiting}, and not all can be read with the keys of these settings.",
                $"{char.ToUpperInvariant(remedy[0])}{remedy[1..]}.")
            : CheckResult.Ok("Waiting", $"{waiting}.");
    });

    public Task<CheckResult> PollersAsync(CancellationToken cancellationToken) => TryAsync("Pollers", async () =>
    {
        IReadOnlyCollection<PollerInfo> workflow, activity;
        for (var attempts = 1; ; attempts++)
        {
            workflow = await PollersOfAsync(TaskQueueType.Workflow, cancellationToken).ConfigureAwait(false);
            activity = await PollersOfAsync(TaskQueueType.Activity, cancellationToken).ConfigureAwait(false);
            if (workflow.Count > 0 && activity.Count > 0 || attempts == PollersAttempts) break;
            await Task.Delay(PollersDelay, cancellationToken).ConfigureAwait(false);
        }
        var names = workflow.Concat(activity).Select(poller => poller.Identity)
            .Distinct(StringComparer.Ordinal).ToList();
        return workflow.Count > 0 && activity.Count > 0
            ? CheckResult.Ok("Pollers", $"{names.Count} on {_taskQueue}: {string.Join(", ", names.Take(4))}")
            : CheckResult.Failed("Pollers",
                $"Nobody polls the task queue {_taskQueue}: batches are kept by Temporal and written when a "
                + $"worker comes.",
                "Start 'logworker', with the same address, namespace and LOG_TASK_QUEUE.");
    });

    /// <summary>Sends one event the way an application does, and waits until a worker has written it.</summary>
    public Task<CheckResult> BatchAsync(CancellationToken cancellationToken) => TryAsync("Batch", async () =>
    {
        var spool = Directory.CreateTempSubdirectory("logworker-test-temporal-");
        try
        {
            var sink = new TemporalSink(
                new TemporalSinkOptions
                {
                    Source = "logworker",
                    SpoolDirectory = spool.FullName,
                    Timeouts = { Close = CallTimeout, Report = TimeSpan.Zero },
                },
                environment: name => IsOfTheWay(name) ? settings.Get(name) : null);
            await using var closing = sink.ConfigureAwait(false);
            var id = new BatchId(sink.Source, sink.Instance, 1);
            var before = time.GetUtcNow();
            sink.Emit(EventMaker.OfText($"A test of the way through Temporal, by {CurrentUser.Name} on "
                + $"{Environment.MachineName}", LogEventLevel.Information, TimeProvider.System.GetUtcNow()));
            await sink.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (sink.Stats.Accepted == 0)
                return CheckResult.Failed("Batch", sink.Stats.LastError
                    ?? "Temporal did not take the batch.", "Do what the sentence says, and run this again.");
            return await FollowAsync(id, before, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            spool.Delete(recursive: true);
        }
    });

    /// <summary>By the time that Temporal gave the batch.</summary>
    public Task<CheckResult> ClockAsync(CancellationToken cancellationToken) => Task.FromResult(_ahead is { } ahead
        ? ClockCheck.Judge("Clock", "Temporal", ahead)
        : CheckResult.Skipped("Clock", "Temporal tells its time by a batch, and none was sent."));

    async Task<CheckResult> FollowAsync(BatchId id, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var handle = _client.GetWorkflowHandle(id.ToString());
        var after = time.GetUtcNow();
        var started = await handle.DescribeAsync(new() { Rpc = Options(cancellationToken) }).ConfigureAwait(false);
        _ahead = ClockCheck.AheadBy(before, new DateTimeOffset(started.StartTime), after);
        var result = handle.GetResultAsync<WriteReceipt>(rpcOptions: new RpcOptions { CancellationToken = cancellationToken });
        await Task.WhenAny(result, Task.Delay(WriteTime, cancellationToken)).ConfigureAwait(false);
        if (!result.IsCompleted && await BatchTrouble.OfAsync(_client, id, Options(cancellationToken)).ConfigureAwait(false) is { } why)
        {
            // What waits for a worker that cannot write it would wait for good.
            await handle.TerminateAsync("A test of the way that no worker could write.", new() { Rpc = Options(cancellationToken) })
                .ConfigureAwait(false);
            return CheckResult.Failed("Batch", $"Temporal took the batch, and the worker cannot write it: {why}",
                "Give the worker and the applications the same keys and settings; the worker's own output says more.");
        }
        var receipt = await result.ConfigureAwait(false);
        return CheckResult.Ok("Batch",
            $"{id} is written by {receipt.Worker}: {string.Join(", ", receipt.Files.Select(file => file.File))}");
    }

    static bool IsOfTheWay(string variable) =>
        variable.StartsWith("TEMPORAL_", StringComparison.Ordinal)
        || variable == "LOG_TASK_QUEUE"
        || CodecVariables.All.Contains(variable);

    async Task<IReadOnlyCollection<PollerInfo>> PollersOfAsync(TaskQueueType type, CancellationToken cancellationToken)
    {
        var request = new DescribeTaskQueueRequest
        {
            Namespace = _connect.Namespace,
            TaskQueue = new TaskQueue { Name = _taskQueue },
            TaskQueueType = type,
        };
        return (await _client.Connection.WorkflowService.DescribeTaskQueueAsync(request, Options(cancellationToken))
            .ConfigureAwait(false)).Pollers;
    }

    async Task<CheckResult> TryAsync(string name, Func<Task<CheckResult>> check)
    {
        try
        {
            return await check().ConfigureAwait(false);
        }
        catch (Exception e) when (name == "Batch" && e is OperationCanceledException or RpcTimeoutOrCanceledException)
        {
            return CheckResult.Failed(name, "Temporal took the batch, and no worker has written it yet.",
                "See why in the worker's output, or in Temporal's UI under the workflow's pending activities.");
        }
        catch (Exception e) when (ProblemOf(e) is { } problem)
        {
            return CheckResult.Failed(name, $"{problem.Wrong}.", $"{char.ToUpperInvariant(problem.Remedy[0])}{problem.Remedy[1..]}.");
        }
        catch (WorkflowFailedException e)
        {
            return CheckResult.Failed(name, $"The batch's workflow ended without a receipt: {e.InnerException?.Message ?? e.Message}",
                "See the workflow in Temporal's UI.");
        }
    }

    ConnectProblem? ProblemOf(Exception error) =>
        error is OperationCanceledException or TimeoutException
            ? ConnectProblem.NoAnswer(_connect.TargetHost!, CallTimeout) : ConnectProblem.Of(error, _connect);

    static RpcOptions Options(CancellationToken cancellationToken) =>
        new() { Timeout = CallTimeout, CancellationToken = cancellationToken, Retry = false };
}
