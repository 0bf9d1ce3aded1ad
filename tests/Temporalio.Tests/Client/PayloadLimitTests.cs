using System.Collections.Concurrent;
using Google.Protobuf;
using LogPipeline.TestSupport;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Testing;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Temporalio.Tests.Client;

/// <summary>On a server that takes payloads up to 10 KiB.</summary>
public sealed class PayloadLimitTests(PayloadLimitTests.Server server) : IClassFixture<PayloadLimitTests.Server>
{
    const int LimitBytes = 10 * 1024;
    const string TooLarge = "[TMPRL1103] Attempted to upload payloads with size that exceeded the error limit.";

    readonly string _queue = $"limits-{Guid.NewGuid():N}";
    readonly RecordingLog _heard = new();
    static readonly ConcurrentDictionary<string, int> ResultBytes = new();

    [Workflow]
    public sealed class ResultWorkflow
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Task.FromResult(new string('r', ResultBytes[Workflow.Info.WorkflowId]));

        [WorkflowQuery]
        public string Blob(int bytes) => new('q', bytes);
    }

    [Workflow]
    public sealed class ActivityWorkflow
    {
        [WorkflowRun]
        public async Task<int> RunAsync(int inputBytes, int resultBytes, int attempts) => (await Workflow.ExecuteActivityAsync(
            () => MakeBlob(new string('i', inputBytes), resultBytes),
            new()
            {
                StartToCloseTimeout = TimeSpan.FromSeconds(20),
                RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(50), MaximumAttempts = attempts },
            })).Length;
    }

    /// <summary>Makes what it is asked for the first time, and less the second.</summary>
    [Activity]
    public static string MakeBlob(string input, int bytes) => new('b', bytes / ActivityExecutionContext.Current.Info.Attempt);

    [SkippableTheory, InlineData(100), InlineData(0)]
    public Task AnOversizeResultFailsTheTaskUntilTheCodeIsMended(int cached) => WithWorkerAsync(cached, null, false, async client =>
    {
        var options = Options();
        ResultBytes[options.Id!] = LimitBytes;
        var handle = await client.StartWorkflowAsync((ResultWorkflow w) => w.RunAsync(), options);
        await Eventually.TrueAsync(
            async () => (await handle.FetchHistoryAsync()).Events.Any(e => e.EventType == EventType.WorkflowTaskFailed), TimeSpan.FromSeconds(20));
        ResultBytes[options.Id!] = 100;
        (await handle.GetResultAsync()).Length.ShouldBe(100);
        var failed = (await handle.FetchHistoryAsync()).Events.Single(e => e.EventType == EventType.WorkflowTaskFailed).WorkflowTaskFailedEventAttributes;
        failed.Cause.ShouldBe(WorkflowTaskFailedCause.PayloadsTooLarge);
        failed.Failure.Message.ShouldStartWith(TooLarge);
        _heard.Lines.ShouldContain(line => line.Level == LogLevel.Error && line.Text.StartsWith(TooLarge));
    });

    [SkippableFact]
    public Task AnOversizeActivityResultFailsTheAttempt() => WithWorkerAsync(100, null, false, async client =>
    {
        var handle = await client.StartWorkflowAsync((ActivityWorkflow w) => w.RunAsync(1, LimitBytes, 2), Options());
        (await handle.GetResultAsync()).ShouldBe(LimitBytes / 2);
        var started = (await handle.FetchHistoryAsync()).Events.Single(e => e.EventType == EventType.ActivityTaskStarted).ActivityTaskStartedEventAttributes;
        started.LastFailure.Message.ShouldStartWith(TooLarge);
    });

    [SkippableFact]
    public Task AnOversizeAnswerFailsTheQuery() => WithWorkerAsync(100, null, false, async client =>
    {
        var options = Options();
        ResultBytes[options.Id!] = 1;
        var handle = await client.StartWorkflowAsync((ResultWorkflow w) => w.RunAsync(), options);
        await handle.GetResultAsync();
        var error = await Should.ThrowAsync<WorkflowQueryFailedException>(() => handle.QueryAsync(w => w.Blob(LimitBytes)));
        error.Message.ShouldStartWith(TooLarge);
        (await handle.QueryAsync(w => w.Blob(9))).ShouldBe("qqqqqqqqq");
    });

    [SkippableFact]
    public Task WithoutTheCheckTheServerEndsTheWorkflow() => WithWorkerAsync(100, null, true, async client =>
    {
        var error = await Should.ThrowAsync<WorkflowFailedException>(
            () => client.ExecuteWorkflowAsync((ActivityWorkflow w) => w.RunAsync(LimitBytes, 1, 1), Options()));
        error.InnerException.ShouldBeOfType<TerminatedFailureException>().Message.ShouldContain("exceeds size limit");
    });

    [SkippableFact]
    public Task AnAnswerOverTheServersMessageSizeFailsItsTaskAttemptOrQuery() => WithWorkerAsync(100, null, true, async client =>
    {
        const int messageBytes = 5 << 20;
        var options = Options();
        ResultBytes[options.Id!] = messageBytes;
        var handle = await client.StartWorkflowAsync((ResultWorkflow w) => w.RunAsync(), options);
        await Eventually.TrueAsync(
            async () => (await handle.FetchHistoryAsync()).Events.Any(e => e.EventType == EventType.WorkflowTaskFailed), TimeSpan.FromSeconds(20));
        ResultBytes[options.Id!] = 100;
        (await handle.GetResultAsync()).Length.ShouldBe(100);
        (await handle.FetchHistoryAsync()).Events.Single(e => e.EventType == EventType.WorkflowTaskFailed).WorkflowTaskFailedEventAttributes.Cause
            .ShouldBe(WorkflowTaskFailedCause.GrpcMessageTooLarge);

        var unanswered = await Should.ThrowAsync<WorkflowQueryFailedException>(() => handle.QueryAsync(w => w.Blob(messageBytes)));
        unanswered.Message.ShouldBe("GRPC Message too large");

        var failed = await Should.ThrowAsync<WorkflowFailedException>(
            () => client.ExecuteWorkflowAsync((ActivityWorkflow w) => w.RunAsync(1, messageBytes, 2), Options()));
        failed.InnerException!.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe("GrpcMessageTooLarge");
    });

    [SkippableFact]
    public Task PayloadsAndMemosThatAreOnlyLargeAreSentWithAWarning() => WithWorkerAsync(
        100, new() { PayloadsWarnSize = 3000, MemoWarnSize = 1000 }, false, async client =>
        {
            var options = Options();
            options.Memo = new Dictionary<string, object> { ["note"] = new string('m', 1500) };
            (await client.ExecuteWorkflowAsync((ActivityWorkflow w) => w.RunAsync(1, 5000, 1), options)).ShouldBe(5000);
            var warnings = _heard.Lines.Where(line => line.Level == LogLevel.Warning && line.Text.StartsWith("[TMPRL1103]")).Select(line => line.Text).ToArray();
            warnings.Length.ShouldBe(2);
            warnings[0].ShouldStartWith("[TMPRL1103] Attempted to upload memo with size that exceeded the warning limit. StartWorkflowExecution holds 15");
            warnings[1].ShouldStartWith("[TMPRL1103] Attempted to upload payloads with size that exceeded the warning limit. RespondActivityTaskCompleted holds 50");
        });

    [Fact]
    public void NegativeSizesAreRefused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => TemporalClient.CreateLazy(new("localhost:1") { PayloadLimits = new() { PayloadsWarnSize = -1 } }));
        Should.Throw<ArgumentOutOfRangeException>(() => TemporalClient.CreateLazy(new("localhost:1") { PayloadLimits = new() { MemoWarnSize = -1 } }));
    }

    async Task WithWorkerAsync(int cached, PayloadLimitsOptions? warn, bool disabled, Func<ITemporalClient, Task> run)
    {
        RealServers.SkipIfMissing();
        var connect = new TemporalClientConnectOptions(server.Environment!.Client.Connection.Options.TargetHost!)
        {
            PayloadLimits = warn ?? new(),
            LoggerFactory = LoggerFactory.Create(builder => builder.AddProvider(_heard)),
        };
        var client = new TemporalClient(new TellingConnection(await TemporalConnection.ConnectAsync(connect)), connect.ToClientOptions());
        var options = new TemporalWorkerOptions(_queue) { MaxCachedWorkflows = cached, DisablePayloadErrorLimit = disabled }
            .AddWorkflow<ResultWorkflow>().AddWorkflow<ActivityWorkflow>().AddActivity(MakeBlob);
        using var worker = new TemporalWorker(client, options);
        await worker.ExecuteAsync(() => run(client));
    }

    // A failed task's next attempts are left to time out.
    WorkflowOptions Options() => new($"limits-{Guid.NewGuid():N}", _queue) { TaskTimeout = TimeSpan.FromSeconds(1) };

    /// <summary>Tells the namespace's limits, as servers from 1.30 on do.</summary>
    sealed class TellingConnection(TemporalConnection inner) : ITemporalConnection
    {
        public IReadOnlyCollection<KeyValuePair<string, string>> RpcMetadata { get; set; } = [];

        public IReadOnlyCollection<KeyValuePair<string, byte[]>> RpcBinaryMetadata { get; set; } = [];

        public string? ApiKey { get; set; }

        public WorkflowService WorkflowService { get; } = new Service(inner);

        public TemporalConnectionOptions Options => inner.Options;

        public bool IsConnected => true;

        public Task<bool> CheckHealthAsync(RpcService? service = null, RpcOptions? options = null) => inner.CheckHealthAsync(service, options);

        public Task ConnectAsync() => inner.ConnectAsync();

        sealed class Service(TemporalConnection inner) : WorkflowService.Core(inner)
        {
            protected override async Task<T> InvokeRpcAsync<T>(string rpc, IMessage req, MessageParser<T> resp, RpcOptions? options = null)
            {
                var reply = await base.InvokeRpcAsync(rpc, req, resp, options);
                if (reply is DescribeNamespaceResponse described) described.NamespaceInfo.Limits = new() { BlobSizeLimitError = LimitBytes };
                return reply;
            }
        }
    }

    public sealed class Server : IAsyncLifetime
    {
        public WorkflowEnvironment? Environment { get; private set; }

        public async Task InitializeAsync()
        {
            if (RealServers.MissingBecause is not null) return;
            // The server looks at the error limit only for what is over its warning limit.
            Environment = await WorkflowEnvironment.StartLocalAsync(new()
            {
                DevServerOptions = new()
                {
                    ExistingPath = RealServers.Temporal,
                    ExtraArgs =
                    [
                        "--dynamic-config-value", $"limit.blobSize.error={LimitBytes}", "--dynamic-config-value", "limit.blobSize.warn=2048",
                    ],
                },
            });
        }

        public async Task DisposeAsync()
        {
            if (Environment is not null) await Environment.DisposeAsync();
        }
    }
}
