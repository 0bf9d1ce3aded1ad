using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace Temporalio.Tests.Grpc;

/// <summary>In place of a server: answers each request by a function, and keeps what it was asked.</summary>
sealed class AnsweringHandler(Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
{
    public AnsweringHandler(Func<HttpRequestMessage, HttpResponseMessage> answer) : this((request, _) => Task.FromResult(answer(request)))
    {
    }

    public List<(HttpRequestMessage Request, byte[] Body)> Requests { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        lock (Requests) Requests.Add((request, body));
        return await answer(request, cancellationToken);
    }
}

/// <summary>Answers of gRPC servers, right and wrong.</summary>
static class Answers
{
    public static HttpResponseMessage Ok(IMessage message) => With(Frame(message.ToByteArray()));

    public static HttpResponseMessage Error(int status, string message, byte[]? details = null)
    {
        var response = Plain([]);
        response.Headers.TryAddWithoutValidation("grpc-status", $"{status}");
        response.Headers.TryAddWithoutValidation("grpc-message", message);
        if (details is not null) response.Headers.TryAddWithoutValidation("grpc-status-details-bin", Convert.ToBase64String(details).TrimEnd('='));
        return response;
    }

    /// <summary>A body and OK in the trailers.</summary>
    public static HttpResponseMessage With(byte[] body, string? encoding = null, string? status = "0")
    {
        var response = Plain(body);
        if (encoding is not null) response.Headers.TryAddWithoutValidation("grpc-encoding", encoding);
        if (status is not null) response.TrailingHeaders.TryAddWithoutValidation("grpc-status", status);
        return response;
    }

    public static byte[] Frame(byte[] message, byte flag = 0, uint? length = null)
    {
        var frame = new byte[5 + message.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), length ?? (uint)message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    static HttpResponseMessage Plain(byte[] body)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Version = HttpVersion.Version20, Content = new ByteArrayContent(body) };
        response.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return response;
    }
}
