using System.IO.Compression;
using Google.Protobuf;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace LogPipeline.Tests.Codecs;

/// <summary>How much comes out of compressed payloads that were made to be large.</summary>
public sealed class InflationTests
{
    static readonly PipelineCodec Codec = new(KeyRing.Empty, 4096);

    static Payload Of(int bytes) =>
        new() { Data = ByteString.CopyFrom(new byte[bytes]), Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") } };

    static Payload Gzip(params byte[][] members)
    {
        using var compressed = new MemoryStream();
        foreach (var member in members)
            using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(member);
        return new Payload { Data = ByteString.CopyFrom(compressed.ToArray()),
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/gzip") } };
    }

    static IPayloadCodec ForTask() => Codec.WithSerializationContext(new ISerializationContext.Workflow("default", "some"));

    static async Task<long> InflatedAsync(IPayloadCodec codec, IEnumerable<Payload[]> calls)
    {
        var inflated = 0L;
        foreach (var call in calls)
            inflated += (await codec.DecodeAsync(call)).Where(payload => !GzipPayload.Is(payload)).Sum(payload =>
                (long)payload.CalculateSize());
        return inflated;
    }

    [Fact]
    public async Task AHeaderIsTakenOutAndRecordsThatDoNotFitStayAsTheyCame()
    {
        Payload[] given = [Codec.Encode(Of(100_000)), Codec.Encode(Of(2_000_000))];
        (await Codec.DecodeAsync(given)).ShouldBe([Of(100_000), given[1]]);
        // On its way to the activity it is not compressed again.
        (await Codec.EncodeAsync([given[1]])).ShouldHaveSingleItem().ShouldBeSameAs(given[1]);
        Codec.Decode(given[1]).ShouldBe(Of(2_000_000));
    }

    [Fact]
    public async Task AllCallsOfATaskShareABound()
    {
        var signals = Enumerable.Repeat(new[] { Codec.Encode(Of(400_000)) }, 1_000).ToList();
        (await InflatedAsync(ForTask(), signals)).ShouldBeInRange(400_000, PipelineCodec.TaskBytesMax);
        (await InflatedAsync(Codec, signals.Take(3))).ShouldBeGreaterThan(1_200_000, "calls of a client have each their own");
    }

    [Fact]
    public async Task MoreArgumentsThanAnyCallHasAreNotDecodedAtAll()
    {
        var bomb = Codec.Encode(Of(400_000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var refused = ForTask().DecodeAsync([.. Enumerable.Repeat(bomb, 122)]);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
        (await Should.ThrowAsync<PayloadNotReadableException>(() => refused)).Message.ShouldContain("122 arguments");
        (await ForTask().DecodeAsync([.. Enumerable.Repeat(bomb, PipelineCodec.ArgumentsMax)])).Count.ShouldBe(8);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WhatHoldsMoreThanItSaysIsNoMoreThanABatch(bool isLastEmpty)
    {
        // The length at the end of the last member is all that is said.
        var bomb = isLastEmpty ? Gzip(new byte[16 << 20], []) : Gzip(new byte[16 << 20]);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<PayloadNotReadableException>(() => GzipPayload.Decompress(bomb)).Message.ShouldContain("holds more than");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(8 << 20);
    }

    [Fact]
    public async Task WhatSaysThatItHoldsMuchAndDoesNotIsLeftToItsReader()
    {
        var liar = Gzip("{}"u8.ToArray());
        var data = liar.Data.ToByteArray();
        data[^1] = 0x7f;
        liar.Data = ByteString.CopyFrom(data);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var decoded = ForTask().DecodeAsync([liar]);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
        (await decoded).ShouldBe([liar]);
    }

    [Fact]
    public void SeveralMembersAreTakenOutWhole()
    {
        var content = Of(300_000).ToByteArray();
        GzipPayload.Decompress(Gzip(content[..100_000], content[100_000..])).ShouldBe(Of(300_000));
    }

    [Fact]
    public async Task WhatIsDamagedIsLeftToItsReader()
    {
        var damaged = Gzip([0xff, 0xff, 0xff]);
        (await Codec.DecodeAsync([damaged, Of(1)])).ShouldBe([damaged, Of(1)]);
        Should.Throw<PayloadNotReadableException>(() => Codec.Decode(damaged));
    }
}
