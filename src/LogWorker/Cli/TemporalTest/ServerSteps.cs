using LogPipeline.Publisher;
using LogPipeline.Worker.Cli.Send;
using LogPipeline.Worker.Configuration;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Connecting;
using Serilog.Events;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Cli.TemporalTest;

/// <summary>The steps that ask Temporal itself.</summary>
sealed class ServerSteps(TemporalClientConnectOptions connect, WorkerSettings settings)
{
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    readonly string _taskQueue = settings.Get("LOG_TASK_QUEUE") ?? PipelineDefaults.TaskQueue;

    // Connected by the first step.
    TemporalClient _client = null!;

    public Task<TestStep> AuthAsync(CancellationToken cancellationToken) => TryAsync("Server", async () =>
    {
        _client = await TemporalClient.ConnectAsync(connect).WaitAsync(CallTimeout, cancellationToken)
            .ConfigureAwait(false);
        var info = await _client.Connection.WorkflowService.GetSystemInfoAsync(new GetSystemInfoRequest(),
            Options(cancellationToken)).ConfigureAwait(false);
        return new("Server", $"Temporal {info.ServerVersion}{(connect.ApiKey is null ? "" : ", API key taken")}");
    });

    public Task<TestStep> NamespaceAsync(CancellationToken cancellationToken) => TryAsync("Namespace", async () =>
    {
        var answer =
            await _client.Connection.WorkflowService.DescribeNamespaceAsync(new DescribeNamespaceRequest { Namespace =
                connect.Namespace }, Options(cancellationToken)).ConfigureAwait(false);
        var days = answer.Config?.WorkflowExecutionRetentionTtl?.ToTimeSpan().TotalDays ?? 0;
        return new("Namespace", $"{connect.Namespace}, finished batches are kept {days:0.#} days");
    });

    public Task<TestStep> PollersAsync(CancellationToken cancellationToken) => TryAsync("Workers", async () =>
    {
        var workflow = await PollersOfAsync(TaskQueueType.Workflow, cancellationToken).ConfigureAwait(false);
        var activity = await PollersOfAsync(TaskQueueType.Activity, cancellationToken).ConfigureAwait(false);
        var names = workflow.Concat(activity).Select(poller => poller.Identity)
            .Distinct(StringComparer.Ordinal).ToList();
        return workflow.Count > 0 && activity.Count > 0
            ? new("Workers", $"{names.Count} on {_taskQueue}: {string.Join(", ", names.Take(4))}")
            : new("Workers",
                $"Nobody polls the task queue {_taskQueue}: batches are kept by Temporal and written when a "
                + $"worker comes.",
                "Start 'logworker', with the same address, namespace and LOG_TASK_QUEUE.");
    });

    /// <summary>Sends one event the way an application does, and waits until a worker has written it.</summary>
    public Task<TestStep> BatchAsync(CancellationToken cancellationToken) => TryAsync("Batch", async () =>
    {
        var spool = Directory.CreateTempSubdirectory("logworker-test-temporal-");
        try
        {
            var sink = new TemporalSink(
                new TemporalSinkOptions
                {
                    Source = "logworker",
                    SpoolDirectory = spool.FullName,
                    Timeouts = { Close = CallTimeout },
                },
                environment: name => IsOfTheWay(name) ? settings.Get(name) : null);
            await using var closing = sink.ConfigureAwait(false);
            var id = new BatchId(sink.Source, sink.Instance, 1);
            sink.Emit(EventMaker.OfText($"A test of the way through Temporal, by {CurrentUser.Name} on "
                + $"{Environment.MachineName}", LogEventLevel.Information, TimeProvider.System.GetUtcNow()));
            await sink.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (sink.Stats.Accepted == 0)
                return new("Batch", sink.Stats.LastError
                    ?? "Temporal did not take the batch.", "Do what the sentence says, and run this again.");
            var receipt = await _client.GetWorkflowHandle(id.ToString())
                .GetResultAsync<WriteReceipt>(rpcOptions: new RpcOptions { CancellationToken = cancellationToken })
                .ConfigureAwait(false);
            return new("Batch",
                $"{id} is written by {receipt.Worker}: {string.Join(", ", receipt.Files.Select(file => file.File))}");
        }
        finally
        {
            spool.Delete(recursive: true);
        }
    });

    static bool IsOfTheWay(string variable) =>
        variable.StartsWith("TEMPORAL_", StringComparison.Ordinal)
        || variable == "LOG_TASK_QUEUE"
        || CodecVariables.All.Contains(variable);

    async Task<IReadOnlyCollection<PollerInfo>> PollersOfAsync(TaskQueueType type, CancellationToken cancellationToken)
    {
        var request = new DescribeTaskQueueRequest
        {
            Namespace = connect.Namespace,
            TaskQueue = new TaskQueue { Name = _taskQueue },
            TaskQueueType = type,
        };
        return (await _client.Connection.WorkflowService.DescribeTaskQueueAsync(request, Options(cancellationToken))
            .ConfigureAwait(false)).Pollers;
    }

    async Task<TestStep> TryAsync(string name, Func<Task<TestStep>> step)
    {
        try
        {
            return await step().ConfigureAwait(false);
        }
        catch (Exception e) when (name == "Batch" && e is OperationCanceledException or RpcTimeoutOrCanceledException)
        {
            return new(name, "Temporal took the batch, and no worker has written it yet.",
                "See why in the worker's output, or in Temporal's UI under the workflow's pending activities.");
        }
        catch (Exception e) when (ProblemOf(e) is { } problem)
        {
            return new(name, $"{problem.Wrong}.", $"{char.ToUpperInvariant(problem.Remedy[0])}{problem.Remedy[1..]}.");
        }
        catch (WorkflowFailedException e)
        {
            return new(name, $"The batch's workflow ended without a receipt: {e.InnerException?.Message ?? e.Message}",
                "See the workflow in Temporal's UI.");
        }
    }

    ConnectProblem? ProblemOf(Exception error) =>
        error is OperationCanceledException or TimeoutException
            ? ConnectProblem.NoAnswer(connect.TargetHost!, CallTimeout) : ConnectProblem.Of(error, connect);

    static RpcOptions Options(CancellationToken cancellationToken) =>
        new() { Timeout = CallTimeout, CancellationToken = cancellationToken, Retry = false };
}
