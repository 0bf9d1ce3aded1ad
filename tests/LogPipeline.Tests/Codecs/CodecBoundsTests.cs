using Google.Protobuf;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Tests.Codecs;

/// <summary>What lies exactly on a bound of the codecs and their keys, and what lies just beyond it.</summary>
public sealed class CodecBoundsTests
{
    const int KeysMax = 100;
    const int KeysLengthMax = 64 * 1024;

    static string Keys(int count) => string.Join(',', Enumerable.Range(0, count).Select(i => $"k{i}:{SomeKeys.Old}"));

    static KeyRing ReadFile(string text) => ReadFile(_ => text);

    static KeyRing ReadFile(Func<string, string> read, KeyRing? byCode = null) => Read(read, byCode, (CodecVariables.KeysFile, "keys"));

    static KeyRing Read(Func<string, string> read, KeyRing? byCode, params (string Name, string Value)[] variables)
    {
        var environment = new EnvironmentReader(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
        var keys = CodecVariables.ReadKeys(environment, read, byCode);
        environment.ThrowIfWrong();
        return keys;
    }

    static Payload Of(byte[] data) =>
        new() { Data = ByteString.CopyFrom(data), Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/plain") } };

    [Fact]
    public void AHundredKeysAreTakenAndOneMoreIsNot()
    {
        KeyRing.Parse(Keys(KeysMax)).Ids.Count.ShouldBe(KeysMax);
        Should.Throw<FormatException>(() => KeyRing.Parse(Keys(KeysMax + 1))).Message.ShouldBe("There are 101 keys; 100 at most.");
    }

    [Fact]
    public void AFileOfKeysOfTheLargestLengthIsTakenAndALongerOneIsNot()
    {
        var key = $"a:{SomeKeys.Old}\n";
        ReadFile(key + new string('#', KeysLengthMax - key.Length)).Ids.ShouldBe(["a"]);
        Should.Throw<ConfigurationException>(() => ReadFile(key + new string('#', KeysLengthMax + 1 - key.Length))).Errors
            .ShouldHaveSingleItem().ShouldContain("65536 characters at most");
    }

    [Fact]
    public void ALineThatBeginsWithAHashSaysNothingAlsoWhenItIsIndented() =>
        KeyRing.Parse($"  # old:{SomeKeys.Old}, older\na: {SomeKeys.New} \n").Ids.ShouldBe(["a"]);

    [Fact]
    public void OfSeveralKeysTheFirstOneEncrypts() => KeyRing.Parse(Keys(3)).EncryptingId.ShouldBe("k0");

    [Fact]
    public void ARingWithAWrongKeyBesideGoodOnesIsRefused() =>
        Should.Throw<FormatException>(() => KeyRing.Parse($"a:{SomeKeys.Old},b:xx=")).Message.ShouldContain("'b'");

    [Fact]
    public void AFileThatMayNotBeReadIsAnErrorThatTellsWhy()
    {
        foreach (var error in (Exception[])[new UnauthorizedAccessException("Denied."), new ArgumentException("Denied."),
            new NotSupportedException("Denied."), new IOException("Denied.")])
            Should.Throw<ConfigurationException>(() => ReadFile(_ => throw error)).Errors.ShouldHaveSingleItem().ShouldContain("(Denied)");
    }

    [Fact]
    public void AFaultOfTheProgramIsNotTakenForAFileThatCannotBeRead() =>
        Should.Throw<InvalidOperationException>(() => ReadFile(_ => throw new InvalidOperationException()));

    [Fact]
    public void TheVariableChoosesAmongKeysThatCodeGave()
    {
        var code = KeyRing.Parse(Keys(2));
        Read(_ => "", code).ShouldBeSameAs(code);
        var chosen = Read(_ => "", code, (CodecVariables.KeyId, "k1"));
        chosen.EncryptingId.ShouldBe("k1");
        chosen.Ids.ShouldBe(["k0", "k1"]);
        Should.Throw<ConfigurationException>(() => Read(_ => "", code, (CodecVariables.KeyId, "k2"))).Errors.ShouldHaveSingleItem()
            .ShouldContain("k2");
    }

    [Fact]
    public void KeysOfTheEnvironmentReplaceThoseOfTheCode() =>
        ReadFile(_ => $"a:{SomeKeys.New}", KeyRing.Parse(Keys(2))).Ids.ShouldBe(["a"]);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1", 1)]
    [InlineData("64KiB", 65536)]
    [InlineData(null, 4096)]
    public void TheSizeForCompressionIsReadAsWritten(string? text, int expected)
    {
        var environment = new EnvironmentReader(name => name == CodecVariables.GzipBytesMin ? text : null);
        CodecVariables.ReadGzip(environment, PipelineCodec.DefaultGzipBytesMin).ShouldBe(expected);
        environment.ThrowIfWrong();
    }

    [Fact]
    public void TheLargestContentIsTakenOutWholeAndOneByteMoreIsNot()
    {
        var compressing = new PipelineCodec(KeyRing.Empty, 1);
        // The length in front of so many bytes takes one byte less than in front of the bound.
        var around = Of(new byte[GzipPayload.InflatedBytesMax - 100]).CalculateSize() - (GzipPayload.InflatedBytesMax - 100);
        var largest = Of(new byte[GzipPayload.InflatedBytesMax - around]);
        largest.CalculateSize().ShouldBe(GzipPayload.InflatedBytesMax);
        compressing.Decode(compressing.Encode(largest)).ShouldBe(largest);
        var larger = compressing.Encode(Of(new byte[GzipPayload.InflatedBytesMax - around + 1]));
        Should.Throw<PayloadNotReadableException>(() => compressing.Decode(larger));
    }

    [Fact]
    public void APayloadOfExactlyTheSizeForCompressionIsCompressed()
    {
        var payload = Of(new byte[1000]);
        var size = payload.CalculateSize();
        GzipPayload.Is(new PipelineCodec(KeyRing.Empty, size).Encode(payload)).ShouldBeTrue();
        GzipPayload.Is(new PipelineCodec(KeyRing.Empty, size + 1).Encode(payload)).ShouldBeFalse();
    }

    [Fact]
    public void WhatInflatesToNoPayloadIsTold()
    {
        var compressed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(compressed, System.IO.Compression.CompressionLevel.Fastest))
            gzip.Write([0xff, 0xff, 0xff]);
        var payload = new Payload { Data = ByteString.CopyFrom(compressed.ToArray()),
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/gzip") } };
        Should.Throw<PayloadNotReadableException>(() => new PipelineCodec(KeyRing.Empty, 0)
            .Decode(payload)).Message.ShouldBe("A compressed payload is damaged.");
    }

    [Fact]
    public async Task OnePayloadThatCannotBeReadFailsTheTaskAndNotTheCall()
    {
        var encrypted = new PipelineCodec(KeyRing.Parse(Keys(1)), 0).Encode(Of([1]));
        var decoding = new PipelineCodec(KeyRing.Empty, 0).DecodeAsync([Of([1]), encrypted]);
        (await Should.ThrowAsync<PayloadNotReadableException>(decoding)).MissingKey.ShouldNotBeNull();
    }

    [Fact]
    public void AKeyIdInAMessageIsShortAndHasNoControlCharacters()
    {
        string? MissingId(string id)
        {
            var payload = new PipelineCodec(KeyRing.Parse(Keys(1)), 0).Encode(Of([1]));
            payload.Metadata[EncryptedPayload.KeyIdName] = ByteString.CopyFromUtf8(id);
            return Should.Throw<PayloadNotReadableException>(() => EncryptedPayload.Decrypt(payload, KeyRing.Empty)).MissingKey;
        }

        MissingId("a\nb\u0007").ShouldBe("a?b?");
        MissingId(new string('k', PipelineDefaults.NameLengthMax)).ShouldBe(new string('k', PipelineDefaults.NameLengthMax));
        MissingId(new string('k', PipelineDefaults.NameLengthMax + 1)).ShouldBe(new string('k', PipelineDefaults.NameLengthMax));
    }

    [Fact]
    public void AnEncryptedPayloadWithoutAKeyIdNamesNone()
    {
        var payload = new PipelineCodec(KeyRing.Parse(Keys(1)), 0).Encode(Of([1]));
        payload.Metadata.Remove(EncryptedPayload.KeyIdName);
        Should.Throw<PayloadNotReadableException>(() => EncryptedPayload.Decrypt(payload, KeyRing.Parse(Keys(1)))).MissingKey.ShouldBe("");
    }

    [Fact]
    public void WhatIsTooShortToBeEncryptedIsToldWithItsLength()
    {
        var payload = new PipelineCodec(KeyRing.Parse(Keys(1)), 0).Encode(new Payload());
        payload.Data.Length.ShouldBe(28);
        payload.Data = ByteString.CopyFrom(payload.Data.Span[..27]);
        Should.Throw<PayloadNotReadableException>(() =>
            EncryptedPayload.Decrypt(payload, KeyRing.Parse(Keys(1)))).Message.ShouldContain("has 27 bytes");
    }

    [Fact]
    public async Task WithoutKeysAFailureSaysWhatItSays()
    {
        var failure = await PipelineCodec.Converter(KeyRing.Empty, 0).ToFailureAsync(new ApplicationFailureException("a canary sings"));
        failure.Message.ShouldBe("a canary sings");
    }

    [Fact]
    public void ARingPrintsNoKeyAndSaysWhenItIsEmpty() => KeyRing.Empty.ToString().ShouldBe("no keys");
}
