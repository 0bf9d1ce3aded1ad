using Google.Protobuf;
using Grpc.Core;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Reads;

/// <summary>What an event tells of the signal, the request or the command that it came from.</summary>
public sealed class EventContentTests
{
    const int RequestIdsKept = 1000;

    readonly EngineRig _rig = new();

    [Fact]
    public void ASignalsEventHoldsWhoSentWhat()
    {
        _rig.Start("a");
        _rig.Call<SignalWorkflowExecutionResponse>(new SignalWorkflowExecutionRequest
        {
            Namespace = "default",
            WorkflowExecution = new() { WorkflowId = "a" },
            SignalName = "s",
            Identity = "somebody",
            Input = new() { Payloads_ = { Text("in") } }, Header = new() { Fields = { ["h"] = Text("head") } },
        });
        Last("a").WorkflowExecutionSignaledEventAttributes.ShouldBe(new()
        {
            SignalName = "s", Identity = "somebody", Input = new() { Payloads_ = { Text("in") } },
            Header = new() { Fields = { ["h"] = Text("head") } },
        });
    }

    [Fact]
    public void ACancelRequestsEventHoldsWhoAskedAndWhy()
    {
        _rig.Start("a");
        Cancel("a", "enough");
        Last("a").WorkflowExecutionCancelRequestedEventAttributes.ShouldBe(new()
        {
            Cause = "enough",
            Identity = "somebody",
        });
    }

    [Fact]
    public void ASecondRequestToCancelChangesNothing()
    {
        _rig.Start("a");
        Cancel("a", "enough");
        Cancel("a", "once more");
        Last("a").WorkflowExecutionCancelRequestedEventAttributes.Cause.ShouldBe("enough");
    }

    [Fact]
    public void ASignalWithoutANameIsRefused()
    {
        _rig.Start("a");
        Should.Throw<ServiceError>(() => Signal("a", "", "r")).Code.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public void ASignalIsKnownAgainUntilAThousandOthersHaveCome()
    {
        _rig.Start("a");
        for (var i = 0; i < RequestIdsKept; i++) Signal("a", "s", $"{i}");
        var before = Last("a").EventId;
        Signal("a", "s", "0");
        Last("a").EventId.ShouldBe(before);
        Signal("a", "s", $"{RequestIdsKept}");
        Signal("a", "s", "1");
        Last("a").EventId.ShouldBe(before + 1);
    }

    [Fact]
    public void ASignalsRequestIdIsDroppedAfterAThousandOthers()
    {
        _rig.Start("a");
        for (var i = 0; i <= RequestIdsKept; i++) Signal("a", "s", $"{i}");
        var before = Last("a").EventId;
        Signal("a", "s", "0");
        Last("a").EventId.ShouldBe(before + 1);
    }

    [Fact]
    public void SignalsWithoutARequestIdDropNoOther()
    {
        _rig.Start("a");
        Signal("a", "s", "r");
        for (var i = 0; i < RequestIdsKept; i++) Signal("a", "s", "");
        var before = Last("a").EventId;
        Signal("a", "s", "r");
        Last("a").EventId.ShouldBe(before);
    }

    [Theory]
    [InlineData(1001, 1)]
    [InlineData(1, 1001)]
    public void ANameOrARequestIdOfASignalOverAThousandCharactersIsRefused(int name, int requestId)
    {
        _rig.Start("a");
        Should.Throw<ServiceError>(() => Signal("a", new string('n', name), new string('r', requestId)))
            .Code.ShouldBe(StatusCode.InvalidArgument);
    }

    [Fact]
    public void AChangeOfSearchAttributesIsKeptAsItWasAsked()
    {
        _rig.Call<AddSearchAttributesResponse>(
            new AddSearchAttributesRequest
            {
                Namespace = "default",
                SearchAttributes = { ["Region"] = IndexedValueType.Keyword },
            });
        Do(new Command
        {
            CommandType = CommandType.UpsertWorkflowSearchAttributes, UserMetadata = Summary("why"),
            UpsertWorkflowSearchAttributesCommandAttributes = new()
            {
                SearchAttributes = new() { IndexedFields = { ["Region"] = Text("\"north\"") } },
            },
        });
        var changed = Last("a");
        changed.UserMetadata.ShouldBe(Summary("why"));
        var asked = changed.UpsertWorkflowSearchAttributesEventAttributes;
        asked.WorkflowTaskCompletedEventId.ShouldBe(changed.EventId - 1);
        asked.SearchAttributes.IndexedFields["Region"].Data.ToStringUtf8().ShouldBe("\"north\"");
    }

    [Fact]
    public void AMarkerIsKeptAsItWasRecorded()
    {
        Do(new Command
        {
            CommandType = CommandType.RecordMarker, UserMetadata = Summary("why"),
            RecordMarkerCommandAttributes = new()
            {
                MarkerName = "m", Details = { ["d"] = new() { Payloads_ = { Text("x") } } },
                Header = new() { Fields = { ["h"] = Text("head") } },
                Failure = new() { Message = "failed" },
            },
        });
        var marker = Last("a");
        marker.UserMetadata.ShouldBe(Summary("why"));
        marker.MarkerRecordedEventAttributes.ShouldBe(new()
        {
            MarkerName = "m", Details = { ["d"] = new() { Payloads_ = { Text("x") } } },
            Header = new() { Fields = { ["h"] = Text("head") } },
            Failure = new() { Message = "failed" }, WorkflowTaskCompletedEventId = marker.EventId - 1,
        });
    }

    [Fact]
    public void AChangeOfTheMemoIsKeptAsItWasAsked()
    {
        Do(MemoCommand());
        var changed = Last("a");
        changed.UserMetadata.ShouldBe(Summary("why"));
        changed.WorkflowPropertiesModifiedEventAttributes.ShouldBe(new()
        {
            WorkflowTaskCompletedEventId = changed.EventId - 1,
            UpsertedMemo = MemoCommand().ModifyWorkflowPropertiesCommandAttributes.UpsertedMemo,
        });
    }

    [Fact]
    public void AChangedMemoHoldsWhatItHeldAndWhatIsNewAndNotWhatWasTakenAway()
    {
        Do(MemoCommand());
        Memo().ShouldBe(new Memo { Fields = { ["kept"] = Text("\"old\""), ["changed"] = Text("\"new\"") } });
    }

    [Fact]
    public void AChangeOfNothingInTheMemoLeavesItAsItWas()
    {
        Do(new Command
        {
            CommandType = CommandType.ModifyWorkflowProperties,
            ModifyWorkflowPropertiesCommandAttributes = new(),
        });
        Memo().Fields.Keys.ShouldBe(["kept", "changed", "gone"], ignoreOrder: true);
    }

    Memo Memo() => _rig.Call<DescribeWorkflowExecutionResponse>(
        new DescribeWorkflowExecutionRequest { Namespace = "default", Execution = new() { WorkflowId = "a" } })
        .WorkflowExecutionInfo.Memo;

    static Command MemoCommand() => new()
    {
        CommandType = CommandType.ModifyWorkflowProperties, UserMetadata = Summary("why"),
        ModifyWorkflowPropertiesCommandAttributes = new()
        {
            UpsertedMemo = new() { Fields = { ["changed"] = Text("\"new\""), ["gone"] = Text("null") } },
        },
    };

    static Payload Text(string text) => new()
    {
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") }, Data = ByteString.CopyFromUtf8(text),
    };

    static UserMetadata Summary(string text) => new() { Summary = Text(text) };

    /// <summary>Starts "a" with a memo, whose first task asks for this.</summary>
    void Do(Command command)
    {
        _rig.Start("a", request => request.Memo = new()
        {
            Fields = { ["kept"] = Text("\"old\""), ["changed"] = Text("\"old\""), ["gone"] = Text("\"old\"") },
        });
        var task = _rig.Call<PollWorkflowTaskQueueResponse>(
            new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } });
        _rig.Call<RespondWorkflowTaskCompletedResponse>(
            new RespondWorkflowTaskCompletedRequest
            {
                Namespace = "default",
                TaskToken = task.TaskToken,
                Commands = { command },
            });
    }

    void Signal(string id, string name, string requestId) => _rig.Call<SignalWorkflowExecutionResponse>(new SignalWorkflowExecutionRequest
    {
        Namespace = "default", WorkflowExecution = new() { WorkflowId = id }, SignalName = name, RequestId = requestId,
    });

    void Cancel(string id, string reason) => _rig.Call<RequestCancelWorkflowExecutionResponse>(new RequestCancelWorkflowExecutionRequest
    {
        Namespace = "default",
        WorkflowExecution = new() { WorkflowId = id },
        Reason = reason,
        Identity = "somebody",
        RequestId = reason,
    });

    HistoryEvent Last(string id)
    {
        var request = new GetWorkflowExecutionHistoryRequest
        {
            Namespace = "default",
            Execution = new() { WorkflowId = id },
        };
        while (true)
        {
            var page = _rig.Call<GetWorkflowExecutionHistoryResponse>(request);
            if (page.NextPageToken.IsEmpty) return page.History.Events[^1];
            request.NextPageToken = page.NextPageToken;
        }
    }
}
