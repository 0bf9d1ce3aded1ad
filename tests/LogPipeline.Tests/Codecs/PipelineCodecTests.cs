using Google.Protobuf;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Tests.Codecs;

public sealed class PipelineCodecTests
{
    const int GzipBytesMin = 4096;

    static readonly PipelineCodec Encrypting = new(SomeKeys.Ring($"k1:{SomeKeys.Old}"), GzipBytesMin);
    static readonly PipelineCodec Compressing = new(KeyRing.Empty, GzipBytesMin);

    static Payload Of(byte[] data, string encoding = "json/plain") =>
        new() { Data = ByteString.CopyFrom(data), Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) } };

    static string EncodingOf(Payload payload) => payload.Metadata["encoding"].ToStringUtf8();

    static byte[] SomeBytes(int seed)
    {
        var chance = new Random(seed);
        var bytes = new byte[chance.Next(4) switch { 0 => chance.Next(32), 1 => chance.Next(5_000), 2 => 4_096 + chance.Next(-40, 40), _ =>
            chance.Next(200_000) }];
        // Half of them repeat themselves, as logs do.
        if (chance.Next(2) == 0) chance.NextBytes(bytes);
        else for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)('a' + (i % 17));
        return bytes;
    }

    [Fact]
    public async Task WhateverGoesInComesOut()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            Payload[] payloads = [Of(SomeBytes(seed), "binary/plain"), Of(SomeBytes(seed + 1_000)), new Payload()];
            foreach (var codec in (PipelineCodec[])[Encrypting, Compressing])
                (await codec.DecodeAsync(await codec.EncodeAsync(payloads))).ShouldBe(payloads, $"seed {seed}");
        }
    }

    [Fact]
    public void OnlyWhatIsLargeAndBecomesSmallerIsCompressed()
    {
        var noise = new byte[10_000];
        new Random(1).NextBytes(noise);
        EncodingOf(Compressing.Encode(Of(new byte[4_000]))).ShouldBe("json/plain");
        EncodingOf(Compressing.Encode(Of(new byte[4_096]))).ShouldBe("binary/gzip");
        EncodingOf(Compressing.Encode(Of(noise))).ShouldBe("json/plain");
        EncodingOf(new PipelineCodec(KeyRing.Empty, 0).Encode(Of(new byte[100_000]))).ShouldBe("json/plain");
    }

    [Fact]
    public void APayloadOfTheLeastSizeIsCompressedAndOneThatIsAByteSmallerIsNot()
    {
        var payload = Of(new byte[5_000]);
        var size = payload.CalculateSize();
        EncodingOf(new PipelineCodec(KeyRing.Empty, size).Encode(payload)).ShouldBe("binary/gzip");
        EncodingOf(new PipelineCodec(KeyRing.Empty, size + 1).Encode(payload)).ShouldBe("json/plain");
    }

    [Fact]
    public void CompressionComesBeforeEncryption()
    {
        var encoded = Encrypting.Encode(Of(new byte[100_000]));
        EncodingOf(encoded).ShouldBe("binary/encrypted");
        encoded.Metadata["encryption-key-id"].ToStringUtf8().ShouldBe("k1");
        encoded.CalculateSize().ShouldBeLessThan(2_000);
    }

    [Fact]
    public void NothingOfTheContentIsSeenAndNoTwoEncodingsAreTheSame()
    {
        var payload = Of("a canary sings"u8.ToArray());
        var (first, second) = (Encrypting.Encode(payload), Encrypting.Encode(payload));
        first.ToByteArray().AsSpan().IndexOf("canary"u8).ShouldBe(-1);
        first.ToByteArray().AsSpan().IndexOf("json/plain"u8).ShouldBe(-1);
        first.Data.ShouldNotBe(second.Data);
    }

    /// <summary>
    /// Processes share a key and know nothing of each other: what counts, from whatever beginning, meets another's count, and shows in
    /// bytes that stay the same.
    /// </summary>
    [Fact]
    public void EveryByteOfANonceIsChance()
    {
        const int nonceBytes = 12;
        var nonces = Enumerable.Range(0, 64)
            .Select(_ => new PipelineCodec(SomeKeys.Ring($"k1:{SomeKeys.Old}"), GzipBytesMin)
                .Encode(Of([1])).Data.ToByteArray()[..nonceBytes]).ToList();
        for (var at = 0; at < nonceBytes; at++) nonces.Select(nonce => nonce[at]).Distinct().Count().ShouldBeGreaterThan(32, $"byte {at}");
        nonces.Select(Convert.ToHexString).ShouldBeUnique();
    }

    [Fact]
    public void EveryChangedBitIsNoticed()
    {
        var encoded = Encrypting.Encode(Of("a record"u8.ToArray()));
        for (var bit = 0; bit < encoded.Data.Length * 8; bit++)
        {
            var bytes = encoded.Data.ToByteArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Should.Throw<PayloadNotReadableException>(() => Encrypting.Decode(new Payload(encoded) { Data = ByteString.CopyFrom(bytes) }));
        }
        for (var length = 0; length < encoded.Data.Length; length++)
            Should.Throw<PayloadNotReadableException>(() =>
                Encrypting.Decode(new Payload(encoded) { Data = ByteString.CopyFrom(encoded.Data.Span[..length]) }));
    }

    [Fact]
    public void AfterARotationTheNewKeyEncryptsAndTheOldOneStillDecrypts()
    {
        var payload = Of("a record"u8.ToArray());
        var before = Encrypting.Encode(payload);
        var rotated = new PipelineCodec(SomeKeys.Ring($"k2:{SomeKeys.New},k1:{SomeKeys.Old}"), GzipBytesMin);
        rotated.Decode(before).ShouldBe(payload);
        rotated.Encode(payload).Metadata["encryption-key-id"].ToStringUtf8().ShouldBe("k2");
    }

    [Fact]
    public void AMissingKeyIsNamedAndNoKeyIs()
    {
        var encoded = Encrypting.Encode(Of("a record"u8.ToArray()));
        var other = new PipelineCodec(SomeKeys.Ring($"k2:{SomeKeys.New}"), GzipBytesMin);
        var error = Should.Throw<PayloadNotReadableException>(() => other.Decode(encoded));
        error.MissingKey.ShouldBe("k1");
        error.Message.ShouldBe("A payload is encrypted with key 'k1', which this process does not have (it has k2 (encrypts)); add it to "
            + "LOG_ENCRYPTION_KEYS and start again.");
        Should.Throw<PayloadNotReadableException>(() => Compressing.Decode(encoded)).Message.ShouldContain("it has no keys");
    }

    [Fact]
    public void AnotherKeyUnderTheSameIdIsNoticed()
    {
        var other = new PipelineCodec(SomeKeys.Ring($"k1:{SomeKeys.New}"), GzipBytesMin);
        Should.Throw<PayloadNotReadableException>(() => other.Decode(Encrypting.Encode(Of([1]))))
            .MissingKey.ShouldBeNull();
    }

    [Fact]
    public void ABombIsRefusedAndDamageTold()
    {
        var bomb = new PipelineCodec(KeyRing.Empty, 1).Encode(Of(new byte[GzipPayload.InflatedBytesMax]));
        bomb.CalculateSize().ShouldBeLessThan(200_000);
        Should.Throw<PayloadNotReadableException>(() => Compressing.Decode(bomb)).Message.ShouldContain("holds more than");
        Should.Throw<PayloadNotReadableException>(() => Compressing.Decode(Of([1, 2, 3], "binary/gzip")));
    }

    [Fact]
    public async Task UnknownEncodingsPassThrough() =>
        (await Encrypting.DecodeAsync([Of([1], "binary/zlib"), new Payload()])).ShouldBe([Of([1], "binary/zlib"), new Payload()]);

    /// <summary>
    /// A batch of the largest size that a publisher makes must stay under the server's limit when it cannot be compressed.
    /// </summary>
    [Fact]
    public void TheLargestBatchStaysUnderTheServersLimit()
    {
        var noise = new byte[PipelineDefaults.BatchBytesLimit];
        new Random(1).NextBytes(noise);
        var longest = new PipelineCodec(SomeKeys.Ring($"{new string('k', PipelineDefaults.NameLengthMax)}:{SomeKeys.Old}"), GzipBytesMin);
        longest.Encode(Of(noise)).CalculateSize().ShouldBeLessThan(PipelineDefaults.BatchBytesLimit + 1024);
    }

    [Fact]
    public async Task WithKeysAFailuresMessageAndTraceAreHiddenAndComeBack()
    {
        var converter = PipelineCodec.Converter(SomeKeys.Ring($"k1:{SomeKeys.Old}"), GzipBytesMin);
        var failure = await converter.ToFailureAsync(
            new ApplicationFailureException("a canary sings", new InvalidOperationException("it sings inside too"), details: ["sings"]));
        Encoding.UTF8.GetString(failure.ToByteArray()).ShouldNotContain("sings");
        (await converter.ToExceptionAsync(failure)).Message.ShouldContain("a canary sings");
    }

    [Fact]
    public async Task WhichKeyIsMissingIsToldToThoseWhoHaveNone()
    {
        var converter = PipelineCodec.Converter(SomeKeys.Ring($"k1:{SomeKeys.Old}"), GzipBytesMin);
        var failure = await converter.ToFailureAsync(PayloadNotReadableException.KeyMissing("k9", KeyRing.Empty));
        failure.Message.ShouldContain("'k9'");
    }
}
