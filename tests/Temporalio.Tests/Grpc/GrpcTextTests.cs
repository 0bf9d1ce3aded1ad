using FsCheck;
using FsCheck.Fluent;
using Temporalio.Grpc;

namespace Temporalio.Tests.Grpc;

/// <summary>Timeouts and metadata as they are spelt on the wire.</summary>
public sealed class GrpcTextTests
{
    [Theory]
    [InlineData(0.001, "1000u")]
    [InlineData(1, "1000000u")]
    [InlineData(70, "70000000u")]
    [InlineData(99.999999, "99999999u")]
    [InlineData(100, "100000m")]
    [InlineData(86_400, "86400000m")]
    [InlineData(31_536_000, "31536000S")]
    public void ATimeoutIsSpeltInTheFinestUnitThatFitsEightDigits(double seconds, string text) =>
        GrpcTimeout.Format(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    [Fact]
    public void ATimeoutIsNeverSpeltShorterThanItIs() => GrpcTimeout.Format(TimeSpan.FromTicks(11)).ShouldBe("2u");

    [Fact]
    public void TheLongestTimeoutFitsToo() => GrpcTimeout.Format(TimeSpan.MaxValue).Length.ShouldBeLessThanOrEqualTo(9);

    [Theory]
    [InlineData(1, 1.1)]
    [InlineData(30, 33)]
    [InlineData(70, 75)]
    public void TheClientWaitsALittleLongerThanTheServerIsTold(double told, double waits) =>
        GrpcTimeout.Local(TimeSpan.FromSeconds(told)).ShouldBe(TimeSpan.FromSeconds(waits));

    [Fact]
    public void NamesOfMetadataAreLowerCase() => GrpcMetadata.Text("X-Team", "orders").ShouldBe(new("x-team", "orders"));

    [Theory]
    [InlineData("", "value", "empty")]
    [InlineData("a b", "value", "'a b'")]
    [InlineData("a:b", "value", "'a:b'")]
    [InlineData("grpc-timeout", "1S", "belongs to the protocol")]
    [InlineData("Content-Type", "text/html", "belongs to the protocol")]
    [InlineData("data-bin", "value", "binary metadata")]
    [InlineData("team", "a\nb", "printable ASCII")]
    [InlineData("team", "café", "printable ASCII")]
    public void MetadataThatCannotBeSentIsRefused(string name, string value, string why) =>
        Should.Throw<ArgumentException>(() => GrpcMetadata.Text(name, value)).Message.ShouldContain(why);

    [Fact]
    public void BinaryMetadataNeedsItsSuffix() =>
        Should.Throw<ArgumentException>(() => GrpcMetadata.Binary("data", [1])).Message.ShouldContain("does not end in '-bin'");

    [Fact]
    public void BinaryMetadataComesBackWithOrWithoutPadding() =>
        Prop.ForAll<byte[]>(bytes =>
        {
            var sent = GrpcMetadata.Binary("data-bin", bytes).Value;
            return !sent.Contains('=')
                && GrpcMetadata.TryDecodeBinary(sent, out var bare) && bare.SequenceEqual(bytes)
                && GrpcMetadata.TryDecodeBinary(Convert.ToBase64String(bytes), out var padded) && padded.SequenceEqual(bytes);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AnyMessageComesBackFromItsPercentEncoding() =>
        Prop.ForAll<NonNull<string>>(text =>
        {
            var clean = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text.Get));
            return StatusReader.Unescape(Uri.EscapeDataString(clean)) == StatusReader.Short(clean);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void AMessageWithoutEndIsCut() => StatusReader.Unescape(new string('x', 100_000)).Length.ShouldBe(4097);
}
