using Temporalio.Api.Enums.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Client;

/// <summary>What the server knows about one run of a workflow.</summary>
public class WorkflowExecution
{
    readonly Lazy<IReadOnlyDictionary<string, IEncodedRawValue>> _memo;
    readonly Lazy<SearchAttributeCollection> _searchAttributes;

    /// <param name="clientNamespaceForDataConverterWithContext">Null: the converter knows the workflow already.</param>
    protected internal WorkflowExecution(
        WorkflowExecutionInfo rawInfo, DataConverter dataConverter, string? clientNamespaceForDataConverterWithContext)
    {
        RawInfo = rawInfo;
        _memo = new(() =>
        {
            if (rawInfo.Memo is null) return new Dictionary<string, IEncodedRawValue>();
            var converter = clientNamespaceForDataConverterWithContext is { } @namespace
                ? dataConverter.WithSerializationContext(new ISerializationContext.Workflow(@namespace, rawInfo.Execution.WorkflowId))
                : dataConverter;
            return rawInfo.Memo.Fields.ToDictionary(
                field => field.Key, field => (IEncodedRawValue)new EncodedRawValue(converter, field.Value));
        });
        _searchAttributes = new(
            () => rawInfo.SearchAttributes is null ? SearchAttributeCollection.Empty : SearchAttributeCollection.FromProto(rawInfo.SearchAttributes),
            LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>Null while it runs.</summary>
    public DateTime? CloseTime => RawInfo.CloseTime?.ToDateTime();

    /// <summary>Start, after delay or cron; null: not yet.</summary>
    public DateTime? ExecutionTime => RawInfo.ExecutionTime?.ToDateTime();

    public int HistoryLength => (int)RawInfo.HistoryLength;

    public string Id => RawInfo.Execution.WorkflowId;

    /// <summary>Values as they are stored; they are decoded when asked for.</summary>
    public IReadOnlyDictionary<string, IEncodedRawValue> Memo => _memo.Value;

    public string? ParentId => RawInfo.ParentExecution?.WorkflowId;

    public string? ParentRunId => RawInfo.ParentExecution?.RunId;

    public string RunId => RawInfo.Execution.RunId;

    public DateTime StartTime => RawInfo.StartTime.ToDateTime();

    public WorkflowExecutionStatus Status => RawInfo.Status;

    public string TaskQueue => RawInfo.TaskQueue;

    public SearchAttributeCollection TypedSearchAttributes => _searchAttributes.Value;

    public string WorkflowType => RawInfo.Type.Name;

    internal WorkflowExecutionInfo RawInfo { get; }
}
