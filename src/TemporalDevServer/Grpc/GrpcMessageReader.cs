using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Grpc;

/// <summary>
/// Reads the one message of a unary call: a flag byte (0 plain, 1 compressed), the length in four bytes big-endian, the
/// bytes. Nothing is taken from memory for a length that is over the limit.
/// </summary>
static class GrpcMessageReader
{
    const int HeaderBytes = 5;

    /// <exception cref="ServiceError">It is something else; the sentence says what.</exception>
    public static async ValueTask<byte[]> ReadAsync(PipeReader body, string? encoding, int bytesMax, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken).ConfigureAwait(false);
            var buffer = read.Buffer;
            if (buffer.Length >= HeaderBytes && TryHeader(buffer, bytesMax, out var compressed, out var length) && buffer.Length >= HeaderBytes + length)
            {
                if (buffer.Length > HeaderBytes + length) throw Broken("more than one message came where one was expected");
                var message = buffer.Slice(HeaderBytes, length).ToArray();
                body.AdvanceTo(buffer.End);
                return compressed ? Inflate(message, encoding, bytesMax) : message;
            }
            if (read.IsCompleted) throw Broken($"the body ended after {buffer.Length} bytes, in the middle of a message");
            body.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    static bool TryHeader(ReadOnlySequence<byte> buffer, int bytesMax, out bool compressed, out int length)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        buffer.Slice(0, HeaderBytes).CopyTo(header);
        if (header[0] > 1) throw Broken($"a message began with the flag byte {header[0]}; only 0 and 1 exist");
        var claimed = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (claimed > bytesMax) throw TooLarge(claimed, bytesMax);
        compressed = header[0] == 1;
        length = (int)claimed;
        return true;
    }

    static byte[] Inflate(byte[] message, string? encoding, int bytesMax)
    {
        if (encoding != "gzip")
            throw new ServiceError(ErrorCode.Unimplemented, $"grpc: Decompressor is not installed for grpc-encoding \"{encoding ?? "identity"}\"; gzip is.");
        try
        {
            using var gzip = new GZipStream(new MemoryStream(message), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            var chunk = new byte[16 * 1024];
            for (int count; (count = gzip.Read(chunk)) > 0;)
            {
                if (plain.Length + count > bytesMax) throw TooLarge(plain.Length + count, bytesMax);
                plain.Write(chunk, 0, count);
            }
            return plain.ToArray();
        }
        catch (InvalidDataException)
        {
            throw Broken("a message is marked as gzip and is not");
        }
    }

    static ServiceError TooLarge(long bytes, int bytesMax) =>
        new(ErrorCode.ResourceExhausted, $"grpc: received message larger than max ({bytes} vs. {bytesMax})");

    static ServiceError Broken(string what) => new(ErrorCode.Internal, $"grpc: {what}");
}
