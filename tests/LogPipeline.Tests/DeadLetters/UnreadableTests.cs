using Google.Protobuf;
using LogPipeline.Tests.Codecs;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace LogPipeline.Tests.DeadLetters;

public sealed class UnreadableTests
{
    static readonly PipelineCodec Ours = new(SomeKeys.Ring($"k1:{SomeKeys.Old}"), 4096);

    static Payloads Input(PipelineCodec codec, object? header = null) => new()
    {
        Payloads_ =
        {
            codec.Encode(DataConverter.Default.PayloadConverter.ToPayload(header ?? SomeBatch.Of(1, "app").Header)),
            codec.Encode(DataConverter.Default.PayloadConverter.ToPayload(new[] { 1 })),
        },
    };

    static Payload Damaged(Payload payload)
    {
        var bytes = payload.Data.ToByteArray();
        bytes[^1] ^= 1;
        return new Payload(payload) { Data = ByteString.CopyFrom(bytes) };
    }

    [Fact]
    public void WhatCanBeReadIsNot() => Unreadable.Judge(Input(Ours), Ours).ShouldBeNull();

    [Fact]
    public void ABatchWhoseKeyIsMissingIsLeftToWait() =>
        Unreadable.Judge(Input(new PipelineCodec(SomeKeys.Ring($"k2:{SomeKeys.New}"), 0)), Ours).ShouldBeNull();

    [Fact]
    public void ABatchOfANewerVersionIsLeftToWait() =>
        Unreadable.Judge(Input(Ours, new { version = 2, other = "shape" }), Ours).ShouldBeNull();

    [Fact]
    public void AnEncodingThatIsNotOursIsLeftToWait()
    {
        var input = Input(Ours);
        input.Payloads_[0] = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/zlib") } };
        Unreadable.Judge(input, Ours).ShouldBeNull();
    }

    [Fact]
    public void AnotherKeyOfTheSameIdIsNoticed() =>
        Unreadable.Judge(Input(new PipelineCodec(SomeKeys.Ring($"k1:{SomeKeys.New}"), 0)),
            Ours)!.Reason.ShouldContain("another key of this id");

    [Fact]
    public void DamagedRecordsLeaveTheHeader()
    {
        var input = Input(Ours);
        input.Payloads_[1] = Damaged(input.Payloads_[1]);
        Unreadable.Judge(input, Ours)!.Header!.Id.ShouldBe(new BatchId("shop", "i1", 1));
    }

    [Theory]
    [InlineData("text")]
    [InlineData(5)]
    public void AHeaderThatIsNoneIsNoticed(object header) =>
        Unreadable.Judge(Input(Ours, header), Ours)!.Reason.ShouldStartWith("The header is none");

    [Fact]
    public void AHeaderThatLacksFieldsIsNoticed() =>
        Unreadable.Judge(Input(Ours, new { version = 1 }), Ours)!.Reason.ShouldStartWith("The header is none");

    [Fact]
    public void OtherArgumentsAreNoticed() => Unreadable.Judge(new Payloads(), Ours)!.Reason.ShouldContain("0 arguments");
}
