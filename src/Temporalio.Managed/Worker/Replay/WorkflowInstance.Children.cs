using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    async Task<ChildWorkflowHandle<TWorkflow, TResult>> StartChildAsync<TWorkflow, TResult>(StartChildWorkflowInput input)
    {
        var options = input.Options;
        var cancellationToken = options.CancellationToken ?? CancellationToken;
        cancellationToken.ThrowIfCancellationRequested();
        var attributes = new StartChildWorkflowExecutionCommandAttributes
        {
            Namespace = Info.Namespace,
            WorkflowId = options.Id ?? Workflow.NewGuid().ToString(),
            WorkflowType = new() { Name = input.Workflow },
            TaskQueue = new() { Name = options.TaskQueue ?? Info.TaskQueue },
            Input = new() { Payloads_ = { PayloadConverter.ToPayloads(input.Args) } },
            Header = HeaderOf(input.Headers),
            WorkflowExecutionTimeout = ProtoTime.ToDuration(options.ExecutionTimeout),
            WorkflowRunTimeout = ProtoTime.ToDuration(options.RunTimeout),
            WorkflowTaskTimeout = ProtoTime.ToDuration(options.TaskTimeout),
            ParentClosePolicy = (Api.Enums.V1.ParentClosePolicy)options.ParentClosePolicy,
            WorkflowIdReusePolicy = options.IdReusePolicy,
            RetryPolicy = options.RetryPolicy?.ToProto(),
            CronSchedule = options.CronSchedule ?? "",
            Memo = options.Memo == null ? null : new() { Fields = { options.Memo.ToDictionary(m => m.Key, m => PayloadConverter.ToPayload(m.Value)) } },
            SearchAttributes = options.TypedSearchAttributes?.ToProto(),
            Priority = options.Priority?.ToProto(),
        };
        var metadata = options.StaticSummary == null && options.StaticDetails == null
            ? null
            : new UserMetadata { Summary = SummaryOf(options.StaticSummary), Details = SummaryOf(options.StaticDetails) };
        var machine = new ChildWorkflowMachine(attributes, metadata, options.CancellationType);
        Machines.Commands.Add(machine);
        // As long as the child runs, not only until it has started.
        machine.CancelledBy(cancellationToken.Register(() => machine.Cancel(Machines)));
        using var waiting = Waiting();
        return new Child<TWorkflow, TResult>(this, machine, await machine.Started);
    }

    public ExternalWorkflowHandle<TWorkflow> GetExternalWorkflowHandle<TWorkflow>(string id, string? runId) => new External<TWorkflow>(this, id, runId);

    public void UpsertMemo(IReadOnlyCollection<MemoUpdate> updates)
    {
        if (updates.Count == 0) throw new ArgumentException("At least one update required", nameof(updates));
        var fields = new Memo();
        foreach (var update in updates)
        {
            // A field without value is removed.
            if (!fields.Fields.TryAdd(update.UntypedKey, PayloadConverter.ToPayload(update.HasValue ? update.UntypedValue : null)))
                throw new ArgumentException($"Duplicate updates for memo key {update.UntypedKey}", nameof(updates));
        }
        Machines.Commands.Add(new PlainCommandMachine(
            new() { CommandType = CommandType.ModifyWorkflowProperties, ModifyWorkflowPropertiesCommandAttributes = new() { UpsertedMemo = fields } },
            EventType.WorkflowPropertiesModified, "a change of the memo"));
        var memo = new Dictionary<string, IRawValue>(Memo);
        foreach (var update in updates)
        {
            if (update.HasValue) memo[update.UntypedKey] = new RawValue(fields.Fields[update.UntypedKey]);
            else memo.Remove(update.UntypedKey);
        }
        Memo = memo;
    }

    public void UpsertTypedSearchAttributes(IReadOnlyCollection<SearchAttributeUpdate> updates)
    {
        if (updates.Count == 0) throw new ArgumentException("At least one update required", nameof(updates));
        var attributes = new SearchAttributes();
        foreach (var update in updates)
            if (!attributes.IndexedFields.TryAdd(update.UntypedKey.Name, update.ToUpsertPayload()))
                throw new ArgumentException($"Duplicate updates for search attribute {update.UntypedKey.Name}", nameof(updates));
        Machines.Commands.Add(new PlainCommandMachine(
            new()
            {
                CommandType = CommandType.UpsertWorkflowSearchAttributes,
                UpsertWorkflowSearchAttributesCommandAttributes = new() { SearchAttributes = attributes },
            },
            EventType.UpsertWorkflowSearchAttributes, "a change of search attributes"));
        var all = TypedSearchAttributes.ToProto();
        foreach (var update in updates)
        {
            if (update.HasValue) all.IndexedFields[update.UntypedKey.Name] = attributes.IndexedFields[update.UntypedKey.Name];
            else all.IndexedFields.Remove(update.UntypedKey.Name);
        }
        TypedSearchAttributes = SearchAttributeCollection.FromProto(all);
    }

    async Task SignalExternalAsync(string id, string? runId, bool isChild, string signal, IReadOnlyCollection<object?> args, IDictionary<string, Payload>? headers, CancellationToken? token)
    {
        var cancellationToken = token ?? CancellationToken;
        cancellationToken.ThrowIfCancellationRequested();
        var machine = new ExternalSignalMachine(new()
        {
            Namespace = Info.Namespace,
            Execution = new() { WorkflowId = id, RunId = runId ?? "" },
            SignalName = signal,
            Input = new() { Payloads_ = { PayloadConverter.ToPayloads(args) } },
            Header = HeaderOf(headers),
            ChildWorkflowOnly = isChild,
        });
        Machines.Commands.Add(machine);
        using var waiting = Waiting();
        using (cancellationToken.Register(() => machine.Cancel(Machines.Commands))) await machine.Task;
    }

    async Task CancelExternalAsync(CancelExternalWorkflowInput input)
    {
        var machine = new ExternalCancelMachine(new() { Namespace = Info.Namespace, WorkflowId = input.Id, RunId = input.RunId ?? "" });
        Machines.Commands.Add(machine);
        using var waiting = Waiting();
        await machine.Task;
    }

    sealed class Child<TWorkflow, TResult>(WorkflowInstance instance, ChildWorkflowMachine machine, string runId) : ChildWorkflowHandle<TWorkflow, TResult>
    {
        public override string Id => machine.Id;

        public override string FirstExecutionRunId => runId;

        public override async Task<T> GetResultAsync<T>()
        {
            using var waiting = instance.Waiting();
            return instance.ToResult<T>(await machine.Closed);
        }

        // Whichever run of the child is the current one.
        public override Task SignalAsync(string signal, IReadOnlyCollection<object?> args, ChildWorkflowSignalOptions? options = null) =>
            instance.Outbound.SignalChildWorkflowAsync(new(Id, signal, args, options, null));
    }

    sealed class External<TWorkflow>(WorkflowInstance instance, string id, string? runId) : ExternalWorkflowHandle<TWorkflow>
    {
        public override string Id => id;

        public override string? RunId => runId;

        public override Task SignalAsync(string signal, IReadOnlyCollection<object?> args, ExternalWorkflowSignalOptions? options = null) =>
            instance.Outbound.SignalExternalWorkflowAsync(new(id, runId, signal, args, options, null));

        public override Task CancelAsync() => instance.Outbound.CancelExternalWorkflowAsync(new(id, runId));
    }
}
