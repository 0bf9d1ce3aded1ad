using System.Buffers.Binary;
using System.IO.Compression;
using Temporalio.Exceptions;

namespace Temporalio.Grpc;

/// <summary>Messages in gzip, inflated only as far as the limits allow.</summary>
static class GzipMessages
{
    // Below this the gzip header and a packet's worth of savings are not worth the time.
    const int DeflateBytesMin = 1024;

    /// <summary>A frame (header left for the caller, flag set) with the message compressed, unless that would not make it smaller.</summary>
    public static bool TryDeflate(ReadOnlySpan<byte> message, out byte[] frame)
    {
        frame = [];
        if (message.Length < DeflateBytesMin) return false;
        using var output = new MemoryStream(message.Length / 2);
        output.Write([1, 0, 0, 0, 0]);
        using (var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true)) gzip.Write(message);
        if (output.Length - MessageFraming.HeaderBytes >= message.Length) return false;
        frame = output.ToArray();
        return true;
    }

    /// <exception cref="GrpcProtocolException">The bytes are not gzip, or inflate beyond the limits.</exception>
    public static ArraySegment<byte> Inflate(ArraySegment<byte> compressed, GrpcLimits limits)
    {
        using var input = new MemoryStream(compressed.Array!, compressed.Offset, compressed.Count);
        using var gzip = new GZipStream(input, CompressionMode.Decompress);
        var buffer = new byte[Math.Max(256, Math.Min(compressed.Count * 4L, limits.InflateFreeBytes))];
        var filled = 0;
        try
        {
            while (true)
            {
                var read = gzip.Read(buffer, filled, buffer.Length - filled);
                if (read == 0) break;
                filled += read;
                if (filled > limits.ReceiveBytesMax)
                    throw TooLarge($"{filled} vs. {limits.ReceiveBytesMax}");
                if (filled > limits.InflateFreeBytes && filled / limits.InflateRatioMax > compressed.Count)
                    throw TooLarge($"{compressed.Count} bytes inflated to {filled} and more, over {limits.InflateRatioMax} times");
                if (filled == buffer.Length)
                    Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, limits.ReceiveBytesMax + 1L));
            }
        }
        catch (InvalidDataException e)
        {
            throw new GrpcProtocolException(RpcException.StatusCode.Internal, $"The server's answer is broken: its gzip cannot be read ({e.Message}).");
        }
        // The stream does not miss an end that was cut off; gzip closes with the length.
        if (compressed.Count < 18 || BinaryPrimitives.ReadUInt32LittleEndian(compressed.AsSpan()[^4..]) != (uint)filled)
            throw new GrpcProtocolException(RpcException.StatusCode.Internal, "The server's answer is broken: its gzip ends too early.");
        return new(buffer, 0, filled);
    }

    static GrpcProtocolException TooLarge(string how) =>
        new(RpcException.StatusCode.ResourceExhausted, $"grpc: received message after decompression larger than max ({how})");
}
