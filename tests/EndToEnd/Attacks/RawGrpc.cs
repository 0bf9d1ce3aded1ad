using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>Unary calls of gRPC by hand, so that also what no client would send can be sent.</summary>
sealed class RawGrpc(string address) : IDisposable
{
    const int HeadBytes = 5;

    readonly HttpClient _http = new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
    {
        BaseAddress = new Uri($"http://{address}"), Timeout = Timeout.InfiniteTimeSpan,
    };

    public void Dispose() => _http.Dispose();

    public static byte[] Framed(ReadOnlySpan<byte> message)
    {
        var framed = new byte[HeadBytes + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(framed.AsSpan(1), message.Length);
        message.CopyTo(framed.AsSpan(HeadBytes));
        return framed;
    }

    public static byte[] Framed(IMessage message) => Framed(message.ToByteArray());

    /// <exception cref="HttpRequestException">The connection has ended.</exception>
    public Task<Reply> CallAsync(string path, byte[] body, TimeSpan deadline,
        CancellationToken cancellationToken) =>
        CallAsync(path, new ByteArrayContent(body), deadline, cancellationToken);

    public async Task<Reply> CallAsync(string path, HttpContent body, TimeSpan deadline,
        CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = body,
        };
        body.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        request.Headers.Add("grpc-timeout", $"{(int)deadline.TotalMilliseconds}m");
        using var response = await _http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var status = Header(response, "grpc-status") ?? $"http {(int)response.StatusCode}";
        return new Reply(status, Header(response, "grpc-message") ?? "",
            answer.Length < HeadBytes ? [] : answer[HeadBytes..]);
    }

    static string? Header(HttpResponseMessage response, string name) =>
        response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values)
            ? values.First() : null;

    /// <param name="Status">The status code of gRPC.</param>
    /// <param name="Message">Why it is not 0.</param>
    /// <param name="Answer">The message's bytes if there is one.</param>
    public sealed record Reply(string Status, string Message, byte[] Answer);
}
