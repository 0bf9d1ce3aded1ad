using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Workflows.Codecs;

/// <summary>Encoding <c>binary/gzip</c>; the data is the whole inner payload, serialized and compressed.</summary>
static class GzipPayload
{
    public const string Encoding = "binary/gzip";

    /// <summary>What a batch may hold: Temporal takes no larger payload, so none was larger when it was put in.</summary>
    public const int InflatedBytesMax = 2 * 1024 * 1024;

    // The end of the gzip format: the length of what is in it, in four bytes.
    const int LengthBytes = 4;

    static readonly ByteString EncodingBytes = ByteString.CopyFromUtf8(Encoding);

    public static bool Is(Payload payload) =>
        payload.Metadata.TryGetValue("encoding", out var encoding) && encoding == EncodingBytes;

    /// <summary>
    /// Leaves one as it is that is smaller than the bound, or compressed already, or would not become smaller.
    /// </summary>
    /// <param name="bytesMin">From this size on; 0: never.</param>
    public static Payload Compress(Payload payload, int bytesMin)
    {
        var length = payload.CalculateSize();
        if (bytesMin == 0 || length < bytesMin || Is(payload)) return payload;
        using var compressed = new MemoryStream(length / 4);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) payload.WriteTo(gzip);
        var made = new Payload
        {
            Metadata = { ["encoding"] = EncodingBytes },
            Data = UnsafeByteOperations.UnsafeWrap(compressed.GetBuffer().AsMemory(0, (int)compressed.Length)),
        };
        return made.CalculateSize() < length ? made : payload;
    }

    /// <summary>How many bytes it says that it holds, which need not be so.</summary>
    public static long LengthIn(Payload payload) => payload.Data.Length < LengthBytes
        ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(payload.Data.Span[^LengthBytes..]);

    /// <param name="payload">A compressed one.</param>
    /// <param name="bytesMax">Most bytes that are taken out of it.</param>
    /// <exception cref="PayloadNotReadableException">It is damaged, or holds more.</exception>
    public static Payload Decompress(Payload payload, int bytesMax = InflatedBytesMax)
    {
        try
        {
            using var gzip = new GZipStream(StreamOf(payload.Data), CompressionMode.Decompress);
            // One byte more than may come shows that more would come.
            var content = new byte[Math.Min(LengthIn(payload), bytesMax) + 1];
            var length = 0;
            while ((length += Read(gzip, content.AsSpan(length))) == content.Length)
            {
                if (length > bytesMax)
                    throw new PayloadNotReadableException(
                        $"A compressed payload of {payload.Data.Length} bytes holds more than {bytesMax}.");
                // It holds more than it says.
                Array.Resize(ref content, (int)Math.Min(2L * length, bytesMax + 1L));
            }
            return Payload.Parser.ParseFrom(content, 0, length);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException)
        {
            throw new PayloadNotReadableException("A compressed payload is damaged.", e);
        }
    }

    static int Read(GZipStream gzip, Span<byte> target) =>
        gzip.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);

    static MemoryStream StreamOf(ByteString data) =>
        MemoryMarshal.TryGetArray(data.Memory, out var bytes)
            ? new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false)
            : new MemoryStream(data.ToByteArray(), writable: false);
}
