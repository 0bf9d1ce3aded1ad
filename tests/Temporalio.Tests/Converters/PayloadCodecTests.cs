using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Tests.Converters;

public class PayloadCodecTests
{
    static readonly DataConverter Encrypted = DataConverter.Default with { PayloadCodec = new AesSampleCodec() };

    [Fact]
    public async Task AnEncryptedPayloadHasTheFormatOfTheSamples()
    {
        var payload = await Encrypted.ToPayloadAsync("secret");
        payload.Metadata["encoding"].ToStringUtf8().ShouldBe("binary/encrypted");
        payload.Metadata["encryption-key-id"].ToStringUtf8().ShouldBe(AesSampleCodec.KeyId);
        var inner = DataConverter.Default.PayloadConverter.ToPayload("secret").ToByteArray();
        payload.Data.Length.ShouldBe(12 + inner.Length + 16);
        payload.Data.ToStringUtf8().ShouldNotContain("secret");
        (await Encrypted.ToValueAsync<string>(payload)).ShouldBe("secret");
    }

    [Fact]
    public async Task WhatTheCodecDidNotEncodeIsReadAllTheSame() =>
        (await Encrypted.ToValueAsync<string>(await DataConverter.Default.ToPayloadAsync("plain"))).ShouldBe("plain");

    [Fact]
    public async Task EveryValueOfAListIsEncoded()
    {
        var payloads = await Encrypted.ToPayloadsAsync(["a", null, new byte[] { 1 }]);
        payloads.Count.ShouldBe(3);
        payloads.ShouldAllBe(p => p.Metadata["encoding"].ToStringUtf8() == "binary/encrypted");
        await Should.ThrowAsync<ArgumentException>(() => Encrypted.ToSingleValueAsync<string>(payloads));
    }

    [Fact]
    public async Task EveryDetailInAFailureAndItsCausesIsEncoded()
    {
        var converter = new DataConverter(new DefaultPayloadConverter(), new DefaultFailureConverter.WithEncodedCommonAttributes(), new AesSampleCodec());
        var cause = new CanceledFailureException("inner secret", details: ["inner detail"]);
        var failure = await converter.ToFailureAsync(new ApplicationFailureException("outer secret", cause, details: ["outer detail", 2]));

        failure.ToString().ShouldNotContain("secret");
        failure.ToString().ShouldNotContain("detail\\\"");
        failure.Message.ShouldBe("Encoded failure");
        failure.Cause.Message.ShouldBe("Encoded failure");
        failure.ApplicationFailureInfo.Details.Payloads_.ShouldAllBe(p => p.Metadata["encoding"].ToStringUtf8() == "binary/encrypted");
        failure.Cause.CanceledFailureInfo.Details.Payloads_.Single().Metadata["encoding"].ToStringUtf8().ShouldBe("binary/encrypted");

        var back = (await converter.ToExceptionAsync(failure)).ShouldBeOfType<ApplicationFailureException>();
        back.Message.ShouldBe("outer secret");
        back.Details.ElementAt<string>(0).ShouldBe("outer detail");
        back.Details.ElementAt<int>(1).ShouldBe(2);
        var inner = back.InnerException.ShouldBeOfType<CanceledFailureException>();
        inner.Message.ShouldBe("inner secret");
        inner.Details.ElementAt<string>(0).ShouldBe("inner detail");
    }

    [Fact]
    public async Task AFailureThatCannotBeDecodedStaysReadable()
    {
        var converter = new DataConverter(new DefaultPayloadConverter(), new DefaultFailureConverter.WithEncodedCommonAttributes(), new AesSampleCodec());
        var failure = await converter.ToFailureAsync(new InvalidOperationException("secret"));
        (await DataConverter.Default.ToExceptionAsync(failure)).Message.ShouldBe("Encoded failure");
    }

    [Fact]
    public void ContextReachesOnlyTheConvertersThatWantIt()
    {
        var context = new ISerializationContext.Workflow("ns", "w1");
        DataConverter.Default.WithSerializationContext(context).ShouldBeSameAs(DataConverter.Default);
        var aware = DataConverter.Default with { PayloadCodec = new ContextCodec(null) };
        var told = aware.WithSerializationContext(context);
        told.PayloadCodec.ShouldBe(new ContextCodec("w1"));
        told.PayloadConverter.ShouldBeSameAs(aware.PayloadConverter);
    }

    sealed record ContextCodec(string? WorkflowId) : IPayloadCodec, IWithSerializationContext<IPayloadCodec>
    {
        public Task<IReadOnlyCollection<Payload>> EncodeAsync(IReadOnlyCollection<Payload> payloads) => Task.FromResult(payloads);

        public Task<IReadOnlyCollection<Payload>> DecodeAsync(IReadOnlyCollection<Payload> payloads) => Task.FromResult(payloads);

        public IPayloadCodec WithSerializationContext(ISerializationContext context) =>
            new ContextCodec((context as ISerializationContext.IHasWorkflow)?.WorkflowId);
    }
}
