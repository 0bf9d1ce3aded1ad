using System.IO.Compression;
using Google.Protobuf;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Workflows.Codecs;

/// <summary>Encoding <c>binary/gzip</c>; the data is the whole inner payload, serialized and compressed.</summary>
static class GzipPayload
{
    public const string Encoding = "binary/gzip";

    /// <summary>None was larger than 2 MiB when it was put in, and a small one must not fill the memory.</summary>
    public const int InflatedBytesMax = 16 * 1024 * 1024;

    static readonly ByteString EncodingBytes = ByteString.CopyFromUtf8(Encoding);

    public static bool Is(Payload payload) =>
        payload.Metadata.TryGetValue("encoding", out var encoding) && encoding == EncodingBytes;

    /// <summary>Leaves one as it is that is smaller than the bound, or would not become smaller.</summary>
    /// <param name="bytesMin">From this size on; 0: never.</param>
    public static Payload Compress(Payload payload, int bytesMin)
    {
        var length = payload.CalculateSize();
        if (bytesMin == 0 || length < bytesMin) return payload;
        using var compressed = new MemoryStream(length / 4);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true)) payload.WriteTo(gzip);
        var made = new Payload
        {
            Metadata = { ["encoding"] = EncodingBytes },
            Data = UnsafeByteOperations.UnsafeWrap(compressed.GetBuffer().AsMemory(0, (int)compressed.Length)),
        };
        return made.CalculateSize() < length ? made : payload;
    }

    /// <exception cref="PayloadNotReadableException">It is damaged, or larger than the bound.</exception>
    public static Payload Decompress(Payload payload)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(payload.Data.ToByteArray(), writable: false),
                CompressionMode.Decompress);
            using var content = new MemoryStream(payload.Data.Length * 4);
            var block = new byte[64 * 1024];
            for (int read; (read = gzip.Read(block)) > 0;)
            {
                if (content.Length + read > InflatedBytesMax)
                    throw new PayloadNotReadableException(
                        $"A compressed payload of {payload.Data.Length} bytes holds more than {InflatedBytesMax}.");
                content.Write(block, 0, read);
            }
            return Payload.Parser.ParseFrom(content.GetBuffer(), 0, (int)content.Length);
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException)
        {
            throw new PayloadNotReadableException("A compressed payload is damaged.", e);
        }
    }
}
