using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace Temporalio.Tests.Converters;

public class PayloadConverterTests
{
    static readonly IPayloadConverter Converter = DataConverter.Default.PayloadConverter;

    public sealed record Order(string Id, int Items, string? Note);

    [Fact]
    public void EncodingsAreAskedInTheOfficialOrder() =>
        new DefaultPayloadConverter().EncodingConverters.Select(c => c.Encoding)
            .ShouldBe(["binary/null", "binary/plain", "json/protobuf", "binary/protobuf", "json/plain"]);

    [Theory]
    [InlineData(null, "binary/null", "")]
    [InlineData("grün", "json/plain", "\"gr\\u00FCn\"")]
    [InlineData(12, "json/plain", "12")]
    [InlineData(true, "json/plain", "true")]
    public void PlainValuesLookAsTheyDoInOtherSdks(object? value, string encoding, string data)
    {
        var payload = Converter.ToPayload(value);
        payload.Metadata["encoding"].ToStringUtf8().ShouldBe(encoding);
        payload.Metadata.Count.ShouldBe(1);
        payload.Data.ToStringUtf8().ShouldBe(data);
    }

    [Fact]
    public void BytesGoAsTheyAre()
    {
        var payload = Converter.ToPayload(new byte[] { 0, 255, 10 });
        payload.Metadata["encoding"].ToStringUtf8().ShouldBe("binary/plain");
        payload.Data.ToByteArray().ShouldBe([0, 255, 10]);
        Converter.ToValue<byte[]>(payload).ShouldBe([0, 255, 10]);
        Should.Throw<ArgumentException>(() => Converter.ToValue<string>(payload)).Message.ShouldContain("byte array");
    }

    [Fact]
    public void MessagesGoAsJsonWithTheirName()
    {
        var message = new WorkflowExecution { WorkflowId = "w", RunId = "r" };
        var payload = Converter.ToPayload(message);
        payload.Metadata["encoding"].ToStringUtf8().ShouldBe("json/protobuf");
        payload.Metadata["messageType"].ToStringUtf8().ShouldBe("temporal.api.common.v1.WorkflowExecution");
        JsonDocument.Parse(payload.Data.ToStringUtf8()).RootElement.GetProperty("workflowId").GetString().ShouldBe("w");
        Converter.ToValue<WorkflowExecution>(payload).ShouldBe(message);
    }

    [Fact]
    public void BinaryMessagesAreRead()
    {
        var message = new WorkflowExecution { WorkflowId = "w" };
        new BinaryProtoConverter().TryToPayload(message, out var payload).ShouldBeTrue();
        Converter.ToValue<WorkflowExecution>(payload!).ShouldBe(message);
    }

    [Fact]
    public void AMessageIsNotReadAsAnotherOne()
    {
        var payload = Converter.ToPayload(new WorkflowExecution());
        Should.Throw<ArgumentException>(() => Converter.ToValue<ActivityType>(payload)).Message.ShouldContain("temporal.api.common.v1.WorkflowExecution");
        Should.Throw<ArgumentException>(() => Converter.ToValue<string>(payload));
        payload.Metadata.Remove("messageType");
        Should.Throw<ArgumentException>(() => Converter.ToValue<WorkflowExecution>(payload)).Message.ShouldContain("message type");
    }

    [Fact]
    public void NullIsNoNumber()
    {
        var payload = Converter.ToPayload(null);
        Converter.ToValue<string?>(payload).ShouldBeNull();
        Converter.ToValue<int?>(payload).ShouldBeNull();
        Should.Throw<ArgumentException>(() => Converter.ToValue<int>(payload)).Message.ShouldContain("not nullable");
    }

    [Fact]
    public void ARawValueIsLeftAlone()
    {
        var payload = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("made/up") }, Data = ByteString.CopyFromUtf8("x") };
        Converter.ToPayload(new RawValue(payload)).ShouldBeSameAs(payload);
        Converter.ToValue<IRawValue>(payload).Payload.ShouldBeSameAs(payload);
        Converter.ToValue<RawValue>(payload).Payload.ShouldBeSameAs(payload);
    }

    [Fact]
    public void AnUnknownEncodingIsNamed()
    {
        var payload = new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/encrypted") } };
        Should.Throw<ArgumentException>(() => Converter.ToValue<string>(payload)).Message.ShouldContain("binary/encrypted");
        Should.Throw<ArgumentException>(() => Converter.ToValue<string>(new Payload())).Message.ShouldContain("no encoding");
    }

    [Fact]
    public void ValuesComeBackAsTheyWent()
    {
        Prop.ForAll<NonNull<string>, int, string?>((id, items, note) => Returns(new Order(id.Get, items, note))).QuickCheckThrowOnFailure();
        Prop.ForAll<byte[]>(bytes => bytes == null || Converter.ToValue<byte[]>(Converter.ToPayload(bytes)).SequenceEqual(bytes)).QuickCheckThrowOnFailure();
        Prop.ForAll<DateTimeOffset>(Returns).QuickCheckThrowOnFailure();
        Prop.ForAll<long>(Returns).QuickCheckThrowOnFailure();

        // Lone surrogates cannot be written in UTF-8; JSON puts the replacement character in their place.
        static bool Returns<T>(T value) =>
            (value is Order { } o && (HasLoneSurrogate(o.Id) || HasLoneSurrogate(o.Note)))
            || Equals(Converter.ToValue<T>(Converter.ToPayload(value)), value);
    }

    static bool HasLoneSurrogate(string? text) =>
        text != null && System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text)) != text;

    [Fact]
    public void PlainJsonIsReadIntoCommonTypes()
    {
        var options = new JsonSerializerOptions { Converters = { JsonCommonTypeConverter.Instance } };
        var value = JsonSerializer.Deserialize<object?>("""{"whole":3,"part":0.5,"list":[true,null,"x"]}""", options).ShouldBeOfType<Dictionary<string, object?>>();
        value["whole"].ShouldBe(3L);
        value["part"].ShouldBe(0.5);
        value["list"].ShouldBe(new List<object?> { true, null, "x" });
    }
}
