using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Client.Interceptors;
using Temporalio.Converters;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>Does each thing that an interceptor sees; the second run tells what header it got.</summary>
[Workflow]
public sealed class InterceptedFeature
{
    readonly List<string> _seen = [];

    [WorkflowRun]
    public async Task<string> RunAsync(string id, string other, bool again)
    {
        if (!again) return HeaderInterceptor.Read(Workflow.Info.Headers);
        _seen.Add(await Workflow.ExecuteActivityAsync(() => HeaderInterceptor.Header(), FeatureWorkflows.Options));
        _seen.Add(await Workflow.ExecuteLocalActivityAsync(() => HeaderInterceptor.Header(), FeatureWorkflows.LocalOptions));
        var child = await Workflow.StartChildWorkflowAsync((SignalFeature w) => w.RunAsync(1), new() { Id = $"{id}/child" });
        await child.SignalAsync(w => w.AddAsync("Ann"));
        await child.GetResultAsync();
        await Workflow.GetExternalWorkflowHandle<SignalFeature>(other).SignalAsync(w => w.AddAsync("Bob"));
        await Workflow.GetExternalWorkflowHandle(other).CancelAsync();
        await Workflow.WaitConditionAsync(() => _seen.Count == 3, TimeSpan.FromMinutes(1));
        await Workflow.WaitConditionAsync(() => Workflow.AllHandlersFinished);
        throw Workflow.CreateContinueAsNewException((InterceptedFeature w) => w.RunAsync(id, other, false));
    }

    [WorkflowQuery]
    public string Seen => string.Join(' ', _seen);

    [WorkflowUpdate]
    public Task<string> GoOnAsync(string text)
    {
        _seen.Add(text);
        return Task.FromResult(Seen);
    }

    [WorkflowUpdateValidator(nameof(GoOnAsync))]
    public void ValidateGoOn(string text) => ArgumentException.ThrowIfNullOrEmpty(text);
}

/// <summary>Notes each call that passes, and sends the workflow's id along with each call that goes out.</summary>
sealed class HeaderInterceptor : IWorkerInterceptor
{
    const string Key = "from";

    static readonly System.Collections.Concurrent.ConcurrentDictionary<string, List<string>> Calls = [];

    public static string CallsOf(string runId) => string.Join(' ', Calls[runId]);

    public static Dictionary<string, Payload> Headers(string text) =>
        new() { [Key] = DataConverter.Default.PayloadConverter.ToPayload(text) };

    public static string Read(IReadOnlyDictionary<string, Payload>? headers) =>
        headers?.TryGetValue(Key, out var payload) == true ? DataConverter.Default.PayloadConverter.ToValue<string>(payload) : "no header";

    [Activity]
    public static string Header() => ActivityHeader.Value ?? "no header";

    static readonly AsyncLocal<string?> ActivityHeader = new();

    public ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => new Activity(nextInterceptor);

    // Once a run, and anew when it is replayed from its beginning.
    public WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor)
    {
        Calls[Workflow.Info.RunId] = [];
        return new Inbound(nextInterceptor);
    }

    static void Note(string call, IReadOnlyDictionary<string, Payload>? headers = null) =>
        Calls[Workflow.Info.RunId].Add(headers == null ? call : $"{call}<{Read(headers)}");

    sealed class Activity(ActivityInboundInterceptor next) : ActivityInboundInterceptor(next)
    {
        public override Task<object?> ExecuteActivityAsync(ExecuteActivityInput input)
        {
            ActivityHeader.Value = Read(input.Headers);
            return base.ExecuteActivityAsync(input);
        }
    }

    sealed class Inbound(WorkflowInboundInterceptor next) : WorkflowInboundInterceptor(next)
    {
        public override void Init(WorkflowOutboundInterceptor outbound) => base.Init(new Outbound(outbound));

        public override Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
        {
            Note(input.RunMethod.Name, Workflow.Info.Headers);
            return base.ExecuteWorkflowAsync(input);
        }

        public override Task HandleSignalAsync(HandleSignalInput input)
        {
            Note(input.Signal, input.Headers);
            return base.HandleSignalAsync(input);
        }

        public override object? HandleQuery(HandleQueryInput input) => $"{base.HandleQuery(input)} <{Read(input.Headers)}";

        public override void ValidateUpdate(HandleUpdateInput input)
        {
            if (Read(input.Headers) == "no header") throw new ArgumentException("no header");
            base.ValidateUpdate(input);
        }

        public override async Task<object?> HandleUpdateAsync(HandleUpdateInput input)
        {
            Note(input.Update, input.Headers);
            return $"{await base.HandleUpdateAsync(input)}!";
        }
    }

    sealed class Outbound(WorkflowOutboundInterceptor next) : WorkflowOutboundInterceptor(next)
    {
        static Dictionary<string, Payload> Mine(string call)
        {
            Note(call);
            return Headers(call);
        }

        public override Task CancelExternalWorkflowAsync(CancelExternalWorkflowInput input)
        {
            Note("cancel");
            return base.CancelExternalWorkflowAsync(input);
        }

        public override Task DelayAsync(DelayAsyncInput input)
        {
            Note($"delay:{input.Delay.TotalSeconds}");
            return base.DelayAsync(input);
        }

        public override ContinueAsNewException CreateContinueAsNewException(CreateContinueAsNewExceptionInput input) =>
            base.CreateContinueAsNewException(input with { Headers = Mine("continue") });

        public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) =>
            base.ScheduleActivityAsync<TResult>(input with { Headers = Mine("activity") });

        public override Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input) =>
            base.ScheduleLocalActivityAsync<TResult>(input with { Headers = Mine("local") });

        public override Task SignalChildWorkflowAsync(SignalChildWorkflowInput input) =>
            base.SignalChildWorkflowAsync(input with { Headers = Mine("signal-child") });

        public override Task SignalExternalWorkflowAsync(SignalExternalWorkflowInput input) =>
            base.SignalExternalWorkflowAsync(input with { Headers = Mine("signal") });

        public override Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(
            StartChildWorkflowInput input) =>
            base.StartChildWorkflowAsync<TWorkflow, TResult>(input with { Headers = Mine("child") });
    }
}

/// <summary>A client whose starts, queries and updates carry a header.</summary>
sealed class ClientHeaders : IClientInterceptor
{
    public ClientOutboundInterceptor InterceptClient(ClientOutboundInterceptor nextInterceptor) => new Outbound(nextInterceptor);

    sealed class Outbound(ClientOutboundInterceptor next) : ClientOutboundInterceptor(next)
    {
        public override Task<WorkflowHandle<TWorkflow, TResult>> StartWorkflowAsync<TWorkflow, TResult>(StartWorkflowInput input) =>
            base.StartWorkflowAsync<TWorkflow, TResult>(input with { Headers = HeaderInterceptor.Headers("client") });

        public override Task<TResult> QueryWorkflowAsync<TResult>(QueryWorkflowInput input) =>
            base.QueryWorkflowAsync<TResult>(input with { Headers = HeaderInterceptor.Headers("client") });

        public override Task<WorkflowUpdateHandle<TResult>> StartWorkflowUpdateAsync<TResult>(StartWorkflowUpdateInput input) =>
            base.StartWorkflowUpdateAsync<TResult>(input with { Headers = HeaderInterceptor.Headers("client") });
    }
}
