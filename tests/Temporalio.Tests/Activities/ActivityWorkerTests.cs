using Google.Protobuf.WellKnownTypes;
using LogPipeline.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Tests.Converters;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker;

namespace Temporalio.Tests.Activities;

public sealed partial class ActivityWorkerTests : IAsyncDisposable
{
    readonly TestClock _time = new();
    readonly FakeActivityTaskService _server = new();
    ActivityWorker? _worker;

    static ActivityExecutionContext Context => ActivityExecutionContext.Current;

    public async ValueTask DisposeAsync()
    {
        if (_worker == null) return;
        await _worker.StopPollingAsync();
        await _worker.DrainAsync();
    }

    [Fact]
    public async Task AResultGoesToTheTaskItBelongsTo()
    {
        Start([Activity("add")] (int a, int b) => a + b);
        var task = _server.Schedule("add", Payload(2), Payload(3));
        var answer = await _server.AnswerAsync<RespondActivityTaskCompletedRequest>();
        answer.TaskToken.ShouldBe(task.TaskToken);
        (answer.Namespace, answer.Identity).ShouldBe(("ns", "me"));
        Value<int>(answer.Result.Payloads_.Single()).ShouldBe(5);
        (_server.LastPoll!.TaskQueue.Name, _server.LastPoll.Identity, _server.LastPoll.TaskQueueMetadata.MaxTasksPerSecond).ShouldBe(("q", "me", 50.0));
    }

    [Fact]
    public async Task TheContextSaysWhatTheTaskSaid()
    {
        var seen = new TaskCompletionSource<ActivityInfo>();
        Start([Activity("see")] () => seen.SetResult(Context.Info));
        var task = _server.Schedule("see", t =>
        {
            t.Attempt = 3;
            t.HeartbeatTimeout = TimeSpan.FromSeconds(5).ToDuration();
            t.ScheduleToCloseTimeout = new Duration();
            t.HeartbeatDetails = new() { Payloads_ = { Payload("half") } };
            t.RetryPolicy = new() { InitialInterval = TimeSpan.FromSeconds(2).ToDuration(), BackoffCoefficient = 3 };
        });
        var info = await seen.Task;
        (info.ActivityType, info.ActivityId, info.Attempt, info.IsLocal, info.Namespace, info.TaskQueue).ShouldBe(("see", task.ActivityId, 3, false, "ns", "q"));
        (info.WorkflowId, info.WorkflowRunId, info.WorkflowType, info.WorkflowNamespace).ShouldBe(("w", "r", "W", "ns"));
        (info.StartToCloseTimeout, info.HeartbeatTimeout, info.ScheduleToCloseTimeout).ShouldBe((TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(5), null));
        (info.ScheduledTime.Minute, info.CurrentAttemptScheduledTime.Second, info.StartedTime.Hour).ShouldBe((59, 30, 10));
        info.RetryPolicy!.BackoffCoefficient.ShouldBe(3);
        info.TaskToken.ShouldBe(task.TaskToken.ToByteArray());
        (await info.HeartbeatDetailAtAsync<string>(0)).ShouldBe("half");
        Value<object?>((await _server.AnswerAsync<RespondActivityTaskCompletedRequest>()).Result.Payloads_.Single()).ShouldBeNull();
    }

    [Fact]
    public async Task PayloadsGoThroughTheCodecBothWays()
    {
        var converter = DataConverter.Default with { PayloadCodec = new AesSampleCodec() };
        Start(s => s with { DataConverter = converter }, [Activity("echo")] (string text) =>
            text == "bad" ? throw new ApplicationFailureException("no", details: ["why"]) : text.ToUpperInvariant());
        _server.Schedule("echo", await converter.ToPayloadAsync("secret"));
        var answer = await _server.AnswerAsync<RespondActivityTaskCompletedRequest>();
        (await converter.ToValueAsync<string>(answer.Result.Payloads_.Single())).ShouldBe("SECRET");
        answer.ToString().ShouldNotContain("json/plain");

        _server.Schedule("echo", await converter.ToPayloadAsync("bad"));
        var failure = (await _server.AnswerAsync<RespondActivityTaskFailedRequest>()).Failure;
        (await converter.ToExceptionAsync(failure)).ShouldBeOfType<ApplicationFailureException>().Details.ElementAt<string>(0).ShouldBe("why");
    }

    [Fact]
    public async Task AnUnknownActivityFailsSoThatAnotherWorkerMayTryIt()
    {
        Start([Activity("b")] () => { }, [Activity("a")] () => { });
        _server.Schedule("missing");
        var failure = (await _server.AnswerAsync<RespondActivityTaskFailedRequest>()).Failure;
        failure.Message.ShouldBe("Activity missing is not registered on this worker, available activities: a, b");
        failure.ApplicationFailureInfo.Type.ShouldBe("NotFoundError");
        failure.ApplicationFailureInfo.NonRetryable.ShouldBeFalse();
    }

    [Fact]
    public async Task ADynamicActivityTakesTheRest()
    {
        Start([Activity(Dynamic = true)] (IRawValue[] values) => $"{Context.Info.ActivityType}/{values.Length}");
        _server.Schedule("whatever", Payload(1), Payload("x"));
        Value<string>((await _server.AnswerAsync<RespondActivityTaskCompletedRequest>()).Result.Payloads_.Single()).ShouldBe("whatever/2");
    }

    [Fact]
    public async Task ArgumentsThatDoNotFitFailTheAttempt()
    {
        Start([Activity("number")] (int n) => n);
        _server.Schedule("number", Payload("text"));
        (await _server.AnswerAsync<RespondActivityTaskFailedRequest>()).Failure.Message.ShouldBe("Failed decoding parameters");
        _server.Schedule("number");
        (await _server.AnswerAsync<RespondActivityTaskFailedRequest>()).Failure.Cause.Message.ShouldContain("given 0 parameter(s)");
    }

    [Fact]
    public async Task AFailureSendsTheLastHeartbeatFirst()
    {
        Start([Activity("work")] async () =>
        {
            Context.Heartbeat("first");
            await _time.SleeperAsync(TimeSpan.FromSeconds(8));
            Context.Heartbeat("skipped");
            Context.Heartbeat("last");
            throw new FormatException("oops");
        });
        _server.Schedule("work", t => t.HeartbeatTimeout = TimeSpan.FromSeconds(10).ToDuration());
        (await _server.AnswerAsync<RespondActivityTaskFailedRequest>()).Failure.ApplicationFailureInfo.Type.ShouldBe("FormatException");
        Value<string>((await _server.HeartbeatAsync()).Details.Payloads_.Single()).ShouldBe("first");
        Value<string>((await _server.HeartbeatAsync()).Details.Payloads_.Single()).ShouldBe("last");
        _server.HeartbeatsWaiting.ShouldBe(0);
    }

    [Fact]
    public async Task AnAsynchronousCompletionIsLeftToOthers()
    {
        var thrown = new TaskCompletionSource();
        Start([Activity("later")] () =>
        {
            thrown.SetResult();
            throw new CompleteAsyncException();
        });
        _server.Schedule("later");
        await thrown.Task;
        await DisposeAsync();
        _server.HasAnswer.ShouldBeFalse();
    }

    [Fact]
    public async Task ASynchronousActivityDoesNotHoldUpTheOthers()
    {
        using var gate = new ManualResetEventSlim();
        Start([Activity("block")] () => gate.Wait(), [Activity("free")] () => gate.Set());
        _server.Schedule("block");
        _server.Schedule("free");
        await _server.AnswerAsync<RespondActivityTaskCompletedRequest>();
        await _server.AnswerAsync<RespondActivityTaskCompletedRequest>();
    }

    [Fact]
    public async Task InterceptorsStandAroundTheActivityOutermostFirst()
    {
        var trace = new List<string>();
        Start(s => s, [new Tracing("outer", trace), new Tracing("inner", trace)], [Activity("work")] () =>
        {
            trace.Add("activity");
            Context.Heartbeat("x");
        });
        _server.Schedule("work", t => t.Header = new() { Fields = { ["h"] = Payload("v") } });
        await _server.AnswerAsync<RespondActivityTaskCompletedRequest>();
        trace.ShouldBe(["outer:v", "inner:v", "activity", "inner heartbeat", "outer heartbeat"]);
    }

    [Fact]
    public void TwoActivitiesOfOneNameAreRefused()
    {
        Should.Throw<ArgumentException>(() => Start([Activity("a")] () => { }, [Activity("a")] () => { })).Message.ShouldBe("Duplicate activity named a");
        Should.Throw<ArgumentException>(() => Start([Activity(Dynamic = true)] (IRawValue[] v) => { }, [Activity(Dynamic = true)] (IRawValue[] v) => { }))
            .Message.ShouldContain("Multiple dynamic");
    }

    void Start(params Delegate[] activities) => Start(s => s, activities);

    void Start(Func<ActivityWorkerSettings, ActivityWorkerSettings> change, params Delegate[] activities) => Start(change, [], activities);

    void Start(Func<ActivityWorkerSettings, ActivityWorkerSettings> change, IReadOnlyList<IWorkerInterceptor> interceptors, params Delegate[] activities)
    {
        var settings = change(new()
        {
            Namespace = "ns", TaskQueue = "q", Identity = "me", Time = _time, MaxTaskQueueActivitiesPerSecond = 50,
        });
        var executor = new ActivityExecutor(
            new(activities.Select(ActivityDefinition.Create)),
            new() { LoggerFactory = NullLoggerFactory.Instance, Interceptors = interceptors });
        _worker = new(settings, _server, executor, NullLoggerFactory.Instance);
        _worker.Start();
    }

    static Payload Payload(object? value) => DataConverter.Default.PayloadConverter.ToPayload(value);

    static T Value<T>(Payload payload) => DataConverter.Default.PayloadConverter.ToValue<T>(payload);

    sealed class Tracing(string name, List<string> trace) : IWorkerInterceptor
    {
        public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => new Inbound(name, trace, nextInterceptor);

        sealed class Inbound(string name, List<string> trace, ActivityInboundInterceptor next) : ActivityInboundInterceptor(next)
        {
            public override void Init(ActivityOutboundInterceptor outbound) => base.Init(new Outbound(name, trace, outbound));

            public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
            {
                trace.Add($"{name}:{Value<string>(input.Headers!["h"])}");
                return base.ExecuteActivityAsync(input);
            }
        }

        sealed class Outbound(string name, List<string> trace, ActivityOutboundInterceptor next) : ActivityOutboundInterceptor(next)
        {
            public override void Heartbeat(HeartbeatInput input)
            {
                trace.Add($"{name} heartbeat");
                base.Heartbeat(input);
            }
        }
    }
}
