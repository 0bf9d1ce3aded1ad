using System.Collections.Concurrent;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using Google.Protobuf;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace Temporalio.Grpc;

/// <summary>
/// Unary gRPC calls to one address: one attempt, one deadline, one status. Whether to try again is decided above
/// (<see cref="RetryDecision"/>), except where the server has certainly not seen the call.
/// </summary>
sealed class GrpcChannel : IDisposable
{
    readonly HttpMessageInvoker _http;
    readonly GrpcLimits _limits;
    readonly TimeProvider _time;
    readonly string? _authority;

    // One for each call there is.
    readonly ConcurrentDictionary<(string Service, string Rpc), Uri> _paths = new();

    // Written by any call. A server that knows gzip says so by taking the first compressed request.
    volatile Compression _compression;

    /// <param name="handler">Speaks HTTP/2; owned by the channel.</param>
    /// <param name="address">Scheme, host and port.</param>
    /// <param name="authority">Sent as <c>:authority</c> in place of the address; null: the address.</param>
    /// <param name="gzip">Compress requests while the server takes it, and accept compressed responses.</param>
    public GrpcChannel(
        HttpMessageHandler handler, Uri address, string? authority, bool gzip, GrpcLimits limits, TimeProvider time)
    {
        _http = new(handler, disposeHandler: true);
        Address = address;
        _authority = authority;
        _compression = gzip ? Compression.Untried : Compression.Off;
        _limits = limits;
        _time = time;
        AcceptsGzip = gzip;
    }

    public Uri Address { get; }

    public bool AcceptsGzip { get; }

    /// <summary>One call. Failures are statuses; only cancellation by the caller is thrown.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<GrpcReply<T>> CallAsync<T>(
        string service,
        string rpc,
        IMessage request,
        MessageParser<T> parser,
        IReadOnlyCollection<KeyValuePair<string, string>> headers,
        TimeSpan timeout,
        CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        var began = _time.GetTimestamp();
        using var deadline = new CancellationTokenSource(GrpcTimeout.Local(timeout), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var path = _paths.GetOrAdd((service, rpc), static (call, address) => new Uri(address, $"/{call.Service}/{call.Rpc}"), Address);
        try
        {
            var compress = _compression != Compression.Off;
            var reply = await AttemptAsync(path, request, compress, parser, headers, timeout, either.Token).ConfigureAwait(false);

            // At the deadline a server may cancel the stream instead of saying why.
            if (reply.Status is { Code: Code.Cancelled, Cause: HttpProtocolException cancelled } && _time.GetElapsedTime(began) >= timeout)
                return NoAnswer<T>(rpc, timeout, cancelled);

            // What a client library of HTTP has not repeated itself. Once: a server that refuses twice means it.
            if (reply.Status.Untouched && reply.Status.Cause is HttpProtocolException or HttpIOException)
                reply = await AttemptAsync(path, request, compress, parser, headers, timeout, either.Token).ConfigureAwait(false);

            if (_compression != Compression.Untried) return reply;
            if (reply.Status.Code != Code.Unimplemented)
            {
                if (reply.Status.Cause is null) _compression = Compression.On;
                return reply;
            }
            // Either the method is missing or the server cannot read gzip; only the second one goes away without it.
            var plain = await AttemptAsync(path, request, false, parser, headers, timeout, either.Token).ConfigureAwait(false);
            if (plain.Status.Code != Code.Unimplemented && plain.Status.Cause is null) _compression = Compression.Off;
            return plain;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException($"The call {rpc} was cancelled.", cancellationToken);
        }
        catch (OperationCanceledException e)
        {
            return NoAnswer<T>(rpc, timeout, e);
        }
    }

    public void Dispose() => _http.Dispose();

    async Task<GrpcReply<T>> AttemptAsync<T>(
        Uri path, IMessage request, bool compress, MessageParser<T> parser,
        IReadOnlyCollection<KeyValuePair<string, string>> headers, TimeSpan timeout, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        try
        {
            using var message = CreateRequest(path, MessageFraming.Frame(request, compress, _limits), compress, headers, timeout);
            using var response = await _http.SendAsync(message, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(response, parser, cancellationToken).ConfigureAwait(false);
        }
        catch (GrpcProtocolException e)
        {
            return new(e.ToStatus(), default);
        }
        catch (Exception e) when (e is HttpRequestException or IOException && !cancellationToken.IsCancellationRequested)
        {
            return new(TransportErrors.Explain(e, Address), default);
        }
        catch (HttpRequestException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        catch (IOException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException(cancellationToken);
        }
        // The handler's own limit for connecting, not ours.
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            return new(new(Code.Unavailable, $"No Temporal server answers at {Address.Authority}: connecting timed out.", Untouched: true, Cause: e), default);
        }
    }

    HttpRequestMessage CreateRequest(
        Uri path, byte[] frame, bool compress, IReadOnlyCollection<KeyValuePair<string, string>> headers, TimeSpan timeout)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(frame),
        };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        if (_authority is not null) message.Headers.Host = _authority;
        message.Headers.TE.Add(new("trailers"));
        message.Headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Format(timeout));
        if (compress) message.Headers.TryAddWithoutValidation("grpc-encoding", "gzip");
        if (AcceptsGzip) message.Headers.TryAddWithoutValidation("grpc-accept-encoding", "gzip,identity");
        foreach (var (name, value) in headers) message.Headers.TryAddWithoutValidation(name, value);
        return message;
    }

    async Task<GrpcReply<T>> ReadAsync<T>(HttpResponseMessage response, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        // An error that comes without a body has its status among the headers.
        if (StatusReader.Read(response.Headers) is { IsOk: false } early) return new(early, default);
        var contentType = response.Content.Headers.NonValidated.TryGetValues("content-type", out var types) ? types.ToString() : null;
        if (response.StatusCode != HttpStatusCode.OK || contentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
            return new(StatusReader.FromHttp(response.StatusCode, contentType), default);

        var encoding = response.Headers.NonValidated.TryGetValues("grpc-encoding", out var encodings) ? encodings.ToString() : null;
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        ArraySegment<byte>? bytes;
        await using (body.ConfigureAwait(false))
            bytes = await MessageFraming.ReadAsync(body, encoding, _limits, cancellationToken).ConfigureAwait(false);

        var status = StatusReader.Read(response.TrailingHeaders) ?? StatusReader.Read(response.Headers);
        if (status is null) return new(new(Code.Unavailable, $"The answer of {Address.Authority} ended without a grpc-status."), default);
        if (!status.IsOk) return new(status, default);
        if (bytes is not { } message)
            return new(new(Code.Internal, "The server's answer is broken: it said OK and sent no message."), default);
        try
        {
            return new(status, parser.ParseFrom(message.Array!, message.Offset, message.Count));
        }
        // The parser has thrown the latter two on bytes that are no message.
        catch (Exception e) when (e is InvalidProtocolBufferException or ArgumentException or InvalidOperationException)
        {
            return new(new(Code.Internal, $"The server's answer is broken: it is no {typeof(T).Name} ({e.Message})", Cause: e), default);
        }
    }

    GrpcReply<T> NoAnswer<T>(string rpc, TimeSpan timeout, Exception cause)
        where T : IMessage<T> =>
        new(new(Code.DeadlineExceeded, $"{rpc} had no answer from {Address.Authority} within {Text(timeout)}.", Cause: cause), default);

    static string Text(TimeSpan time) => time.TotalSeconds >= 1 ? $"{time.TotalSeconds:0.#} s" : $"{time.TotalMilliseconds:0} ms";

    enum Compression
    {
        Off,
        Untried,
        On,
    }
}
