using System.Buffers.Binary;
using Google.Protobuf;
using Temporalio.Exceptions;

namespace Temporalio.Grpc;

/// <summary>
/// A gRPC message on the wire: one byte (0 plain, 1 compressed), the length in four bytes big-endian, the bytes.
/// A unary body is exactly one of them.
/// </summary>
static class MessageFraming
{
    public const int HeaderBytes = 5;

    // What a claimed length may take before any byte of it has come.
    const int FirstReadBytes = 64 << 10;

    /// <summary>The message framed, gzipped if asked and if that makes it smaller.</summary>
    /// <exception cref="GrpcProtocolException">The message is over the limit.</exception>
    public static byte[] Frame(IMessage message, bool compress, GrpcLimits limits)
    {
        var size = message.CalculateSize();
        if (size > limits.SendBytesMax)
            throw new GrpcProtocolException(
                RpcException.StatusCode.ResourceExhausted,
                $"{MessageTooLarge} ({size} vs. {limits.SendBytesMax})");
        var frame = new byte[HeaderBytes + size];
        message.WriteTo(frame.AsSpan(HeaderBytes));
        if (compress && GzipMessages.TryDeflate(frame.AsSpan(HeaderBytes), out var smaller)) frame = smaller;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), frame.Length - HeaderBytes);
        return frame;
    }

    /// <summary>The wording by which servers and SDKs know a message that can never pass.</summary>
    public const string MessageTooLarge = "grpc: received message larger than max";

    /// <summary>Reads the one message of a unary body; null when the body is empty.</summary>
    /// <exception cref="GrpcProtocolException">The body is something else; the message says what.</exception>
    public static async Task<ArraySegment<byte>?> ReadAsync(
        Stream body, string? encoding, GrpcLimits limits, CancellationToken cancellationToken)
    {
        var header = new byte[HeaderBytes];
        var got = await body.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (got == 0) return null;
        if (got < HeaderBytes)
            throw Broken($"the body ended after {got} of the {HeaderBytes} bytes before a message");
        if (header[0] > 1)
            throw Broken($"a message began with the flag byte {header[0]}; only 0 and 1 exist");
        var length = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(1));
        if (length > limits.ReceiveBytesMax)
            throw new GrpcProtocolException(
                RpcException.StatusCode.ResourceExhausted, $"{MessageTooLarge} ({length} vs. {limits.ReceiveBytesMax})");

        var bytes = await ReadBytesAsync(body, (int)length, cancellationToken).ConfigureAwait(false);
        if (await body.ReadAsync(header.AsMemory(0, 1), cancellationToken).ConfigureAwait(false) != 0)
            throw Broken("more than one message came where one was expected");

        if (header[0] == 0) return bytes;
        return encoding switch
        {
            "gzip" => GzipMessages.Inflate(bytes, limits),
            null or "identity" => throw Broken("a message was marked as compressed, but no grpc-encoding was named"),
            _ => throw Broken($"a message was compressed with '{encoding}', which was not offered"),
        };
    }

    // The buffer grows with what has come, so that a claimed length alone takes no memory.
    static async Task<ArraySegment<byte>> ReadBytesAsync(Stream body, int length, CancellationToken cancellationToken)
    {
        var buffer = new byte[Math.Min(length, FirstReadBytes)];
        var filled = 0;
        while (filled < length)
        {
            if (filled == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(length, buffer.Length * 4L));
            var read = await body.ReadAsync(buffer.AsMemory(filled), cancellationToken).ConfigureAwait(false);
            if (read == 0) throw Broken($"the body ended after {filled} of a message's {length} bytes");
            filled += read;
        }
        return new(buffer, 0, length);
    }

    static GrpcProtocolException Broken(string what) => new(RpcException.StatusCode.Internal, $"The server's answer is broken: {what}.");
}
