using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Temporalio.Tests.Grpc;

/// <summary>
/// A server that knows just enough HTTP/2 to take gRPC calls, and whose answers are bytes: it can say anything, at any
/// point, and break off anywhere. The function is called once a request and gives what is written for it.
/// </summary>
sealed class RawHttp2Server : IAsyncDisposable
{
    const int PrefaceBytes = 24;
    const int FrameBytesMax = 1 << 24;
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stop = new();
    readonly Func<int, RawReply> _answer;
    readonly List<Task> _connections = [];
    readonly Task _accepting;
    int _requests;

    public RawHttp2Server(Func<int, RawReply> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Requests that came whole.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections);
        _stop.Dispose();
    }

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _connections.Add(ServeAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // Stopped.
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var stream = client.GetStream();
                await stream.ReadExactlyAsync(new byte[PrefaceBytes], _stop.Token);
                await stream.WriteAsync(Http2.Frame(Http2.Settings, 0, 0, []), _stop.Token);
                var header = new byte[9];
                while (true)
                {
                    await stream.ReadExactlyAsync(header, _stop.Token);
                    var payload = new byte[Math.Min(FrameBytesMax, (header[0] << 16) | (header[1] << 8) | header[2])];
                    await stream.ReadExactlyAsync(payload, _stop.Token);
                    var (type, flags, id) = (header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)));
                    if (type is Http2.Settings or Http2.Ping && (flags & Http2.Ack) == 0)
                        await stream.WriteAsync(Http2.Frame(type, Http2.Ack, 0, type == Http2.Ping ? payload : []), _stop.Token);
                    if (type is not (Http2.Data or Http2.Headers) || (flags & Http2.EndStream) == 0) continue;
                    Interlocked.Increment(ref _requests);
                    var reply = _answer(id);
                    await stream.WriteAsync(reply.Bytes, _stop.Token);
                    if (reply.Close) return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Stopped, or the client has had enough of what it was told.
        }
    }
}

/// <param name="Close">Close the connection after the bytes.</param>
readonly record struct RawReply(byte[] Bytes, bool Close = false);

/// <summary>Frames of HTTP/2, as bytes.</summary>
static class Http2
{
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte RstStream = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte EndStream = 1;
    public const byte Ack = 1;
    public const byte EndHeaders = 4;

    public static byte[] Frame(byte type, byte flags, int stream, byte[] payload, int? length = null)
    {
        var frame = new byte[9 + payload.Length];
        var said = length ?? payload.Length;
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = ((byte)(said >> 16), (byte)(said >> 8), (byte)said, type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>The frames of a unary answer: headers, one gRPC message, trailers with status OK.</summary>
    public static byte[][] Answer(int stream, byte[] message, uint? messageLength = null) =>
    [
        Frame(Headers, EndHeaders, stream, [0x88, .. Literal("content-type", "application/grpc")]),
        Frame(Data, 0, stream, Answers.Frame(message, length: messageLength)),
        Frame(Headers, EndHeaders | EndStream, stream, Literal("grpc-status", "0")),
    ];

    public static byte[] Reset(int stream, int error) => Frame(RstStream, 0, stream, Number(error));

    public static byte[] Away(int lastStream, int error) => Frame(GoAway, 0, 0, [.. Number(lastStream), .. Number(error)]);

    // A header that is not indexed, with a new name.
    static byte[] Literal(string name, string value) =>
        [0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
