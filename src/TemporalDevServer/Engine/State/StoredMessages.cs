using Temporalio.Api.Failure.V1;
using Temporalio.Api.Query.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.Workflow.V1;

namespace TemporalDevServer.Engine.State;

// state.proto keeps Temporal's messages as bytes and its enums as numbers; here they have their types. A message is
// read once, and written when it is set: it is never changed in place, but another one is set.

sealed partial class NamespaceState
{
    public Temporalio.Api.Enums.V1.NamespaceState Status
    {
        get => (Temporalio.Api.Enums.V1.NamespaceState)StatusNumber;
        set => StatusNumber = (int)value;
    }
}

sealed partial class RunState
{
    /// <summary>The numbered events that are in memory.</summary>
    public List<HistoryEvent> History { get; } = [];

    /// <summary>Events that wait for the workflow task to end.</summary>
    public List<HistoryEvent> Buffered { get; } = [];

    /// <summary>All of it, events and all.</summary>
    public byte[] ToRecord()
    {
        historyRecords_.AddRange(History.Select(e => e.ToByteString()));
        bufferedRecords_.AddRange(Buffered.Select(e => e.ToByteString()));
        var record = this.ToByteArray();
        historyRecords_.Clear();
        bufferedRecords_.Clear();
        return record;
    }

    public static RunState FromRecord(ReadOnlySpan<byte> record)
    {
        var run = Parser.ParseFrom(record);
        run.History.AddRange(run.historyRecords_.Select(HistoryEvent.Parser.ParseFrom));
        run.Buffered.AddRange(run.bufferedRecords_.Select(HistoryEvent.Parser.ParseFrom));
        run.historyRecords_.Clear();
        run.bufferedRecords_.Clear();
        return run;
    }

    public WorkflowExecutionStatus Status
    {
        get => (WorkflowExecutionStatus)StatusNumber;
        set => StatusNumber = (int)value;
    }

    public RetryPolicy? RetryPolicy
    {
        get => field ??= Stored.Read(retryPolicyBytes_, RetryPolicy.Parser);
        set => retryPolicyBytes_ = (field = value)?.ToByteString();
    }

    public Memo? Memo
    {
        get => field ??= Stored.Read(memoBytes_, Memo.Parser);
        set => memoBytes_ = (field = value)?.ToByteString();
    }

    public Temporalio.Api.Common.V1.SearchAttributes? SearchAttributes
    {
        get => field ??= Stored.Read(searchAttributesBytes_, Temporalio.Api.Common.V1.SearchAttributes.Parser);
        set => searchAttributesBytes_ = (field = value)?.ToByteString();
    }

    public UserMetadata? UserMetadata
    {
        get => field ??= Stored.Read(userMetadataBytes_, UserMetadata.Parser);
        set => userMetadataBytes_ = (field = value)?.ToByteString();
    }

    public Priority? Priority
    {
        get => field ??= Stored.Read(priorityBytes_, Priority.Parser);
        set => priorityBytes_ = (field = value)?.ToByteString();
    }

    public Header? Header
    {
        get => field ??= Stored.Read(headerBytes_, Header.Parser);
        set => headerBytes_ = (field = value)?.ToByteString();
    }

    public VersioningOverride? VersioningOverride
    {
        get => field ??= Stored.Read(versioningOverrideBytes_, VersioningOverride.Parser);
        set => versioningOverrideBytes_ = (field = value)?.ToByteString();
    }
}

sealed partial class ActivityState
{
    public Payloads? HeartbeatDetails
    {
        get => field ??= Stored.Read(heartbeatDetailsBytes_, Payloads.Parser);
        set => heartbeatDetailsBytes_ = (field = value)?.ToByteString();
    }

    public Failure? LastFailure
    {
        get => field ??= Stored.Read(lastFailureBytes_, Failure.Parser);
        set => lastFailureBytes_ = (field = value)?.ToByteString();
    }

    public RetryPolicy? RetryPolicy
    {
        get => field ??= Stored.Read(retryPolicyBytes_, RetryPolicy.Parser);
        set => retryPolicyBytes_ = (field = value)?.ToByteString();
    }
}

sealed partial class ChildState
{
    public ParentClosePolicy ParentClosePolicy
    {
        get => (ParentClosePolicy)ParentClosePolicyNumber;
        set => ParentClosePolicyNumber = (int)value;
    }
}

sealed partial class UpdateState
{
    /// <summary>Null once the update is completed.</summary>
    public Request? Request
    {
        get => field ??= Stored.Read(requestBytes_, Request.Parser);
        set => requestBytes_ = (field = value)?.ToByteString();
    }

    public Outcome? Outcome
    {
        get => field ??= Stored.Read(outcomeBytes_, Outcome.Parser);
        set => outcomeBytes_ = (field = value)?.ToByteString();
    }
}

sealed partial class QueryState
{
    public WorkflowQuery? Query
    {
        get => field ??= Stored.Read(queryBytes_, WorkflowQuery.Parser);
        set => queryBytes_ = (field = value)?.ToByteString();
    }
}

static class Stored
{
    public static T? Read<T>(ByteString? bytes, MessageParser<T> parser) where T : class, IMessage<T> =>
        bytes is null ? null : parser.ParseFrom(bytes);
}
