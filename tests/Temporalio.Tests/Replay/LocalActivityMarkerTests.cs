using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Exceptions;
using Temporalio.Worker.Replay;

namespace Temporalio.Tests.Replay;

public sealed class LocalActivityMarkerTests
{
    static readonly LocalActivityMarker Some = new()
    {
        Seq = 3,
        Attempt = 2,
        ActivityId = "3",
        ActivityType = "Greet",
        CompleteTime = new(1_700_000_000, 5_000_000),
        Backoff = new(1, 500_000_000),
        OriginalScheduleTime = new(1_699_999_999, 0),
        Result = new Payload { Data = ByteString.CopyFromUtf8("\"hello\"") },
    };

    static HistoryEvent Recorded(string data)
    {
        var attributes = new MarkerRecordedEventAttributes { MarkerName = LocalActivityMarker.Name };
        attributes.Details["data"] = new Payloads { Payloads_ = { new Payload { Data = ByteString.CopyFromUtf8(data) } } };
        return new() { EventId = 5, EventType = EventType.MarkerRecorded, MarkerRecordedEventAttributes = attributes };
    }

    [Fact]
    public void TheDataIsAsTheOtherSdksWriteIt()
    {
        var attributes = Some.ToAttributes();
        attributes.MarkerName.ShouldBe("core_local_activity");
        var data = attributes.Details["data"].Payloads_.Single();
        data.Metadata["encoding"].ToStringUtf8().ShouldBe("json/plain");
        data.Data.ToStringUtf8().ShouldBe(
            """{"seq":3,"attempt":2,"activity_id":"3","activity_type":"Greet","complete_time":{"seconds":1700000000,"nanos":5000000},"backoff":{"seconds":1,"nanos":500000000},"original_schedule_time":{"seconds":1699999999,"nanos":0}}""");
        attributes.Details["result"].Payloads_.Single().Data.ToStringUtf8().ShouldBe("\"hello\"");
    }

    [Fact]
    public void WhatWasWrittenIsRead()
    {
        var attributes = Some.ToAttributes();
        var recorded = new MarkerRecordedEventAttributes { MarkerName = attributes.MarkerName, Details = { attributes.Details } };
        LocalActivityMarker.Read(new() { EventId = 5, MarkerRecordedEventAttributes = recorded }).ShouldBe(Some);
    }

    [Fact]
    public void FieldsThatAreLeftOutOrUnknownDoNotMatter() =>
        LocalActivityMarker.Read(Recorded("""{"seq":1,"attempt":1,"activity_id":"1","activity_type":"A","complete_time":null,"new":true}""")).CompleteTime.ShouldBeNull();

    [Theory, InlineData(""), InlineData("{"), InlineData("""{"seq":"x"}""")]
    public void AMarkerThatCannotBeReadNamesItsEvent(string data) =>
        Should.Throw<WorkflowNondeterminismException>(() => LocalActivityMarker.Read(Recorded(data))).Message.ShouldContain("event 5 (MarkerRecorded)");
}
