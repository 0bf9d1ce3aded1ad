using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

// Everything that goes into the workflow's code, or comes out of it as a wish, passes the worker's interceptors. At their
// inner end stand these two.
sealed partial class WorkflowInstance
{
    WorkflowInboundInterceptor? _inbound;
    WorkflowOutboundInterceptor? _outbound;

    public WorkflowOutboundInterceptor Outbound
    {
        get
        {
            _ = Inbound;
            return _outbound ?? throw new InvalidOperationException("An interceptor did not pass on the call of Init.");
        }
    }

    // Made at first use, which is in the workflow's context.
    WorkflowInboundInterceptor Inbound
    {
        get
        {
            if (_inbound != null) return _inbound;
            WorkflowInboundInterceptor inbound = new InnermostInbound(this);
            for (var i = _details.Interceptors.Count - 1; i >= 0; i--) inbound = _details.Interceptors[i].InterceptWorkflow(inbound);
            _inbound = inbound;
            inbound.Init(new InnermostOutbound(this));
            return inbound;
        }
    }

    sealed class InnermostInbound(WorkflowInstance instance) : WorkflowInboundInterceptor
    {
        public override void Init(WorkflowOutboundInterceptor outbound) => instance._outbound = outbound;

        public override async Task<object?> ExecuteWorkflowAsync(ExecuteWorkflowInput input)
        {
            var run = (Task)HandlerMethod.Unwrapped(() => input.RunMethod.Invoke(input.Instance, input.Args))!;
            await run;
            return HandlerMethod.ResultOf(run, input.RunMethod);
        }

        public override Task HandleSignalAsync(HandleSignalInput input) => (Task)input.Definition.Handler.Invoke(instance.WorkflowObject, input.Args)!;

        public override object? HandleQuery(HandleQueryInput input) => input.Definition.Handler.Invoke(instance.WorkflowObject, input.Args);

        public override void ValidateUpdate(HandleUpdateInput input) => input.Definition.Validator?.Invoke(instance.WorkflowObject, input.Args);

        public override async Task<object?> HandleUpdateAsync(HandleUpdateInput input)
        {
            var handling = (Task)input.Definition.Handler.Invoke(instance.WorkflowObject, input.Args)!;
            await handling;
            return HandlerMethod.ResultOf(handling, input.Definition.Handler.Method);
        }
    }

    sealed class InnermostOutbound(WorkflowInstance instance) : WorkflowOutboundInterceptor
    {
        public override Task CancelExternalWorkflowAsync(CancelExternalWorkflowInput input) => instance.CancelExternalAsync(input);

        public override ContinueAsNewException CreateContinueAsNewException(CreateContinueAsNewExceptionInput input) => new(input);

        public override Task DelayAsync(DelayAsyncInput input) => instance.DelayAsync(input);

        public override Task<TResult> ScheduleActivityAsync<TResult>(ScheduleActivityInput input) => instance.ScheduleActivityAsync<TResult>(input);

        public override Task<TResult> ScheduleLocalActivityAsync<TResult>(ScheduleLocalActivityInput input) => instance.ScheduleLocalActivityAsync<TResult>(input);

        public override Task SignalChildWorkflowAsync(SignalChildWorkflowInput input) =>
            instance.SignalExternalAsync(input.Id, null, isChild: true, input.Signal, input.Args, input.Headers, input.Options?.CancellationToken);

        public override Task SignalExternalWorkflowAsync(SignalExternalWorkflowInput input) =>
            instance.SignalExternalAsync(input.Id, input.RunId, isChild: false, input.Signal, input.Args, input.Headers, input.Options?.CancellationToken);

        public override Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildWorkflowAsync<TWorkflow, TResult>(StartChildWorkflowInput input) =>
            instance.StartChildAsync<TWorkflow, TResult>(input);
    }
}
