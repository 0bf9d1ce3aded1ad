using System.Net.Http;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace Temporalio.Grpc;

/// <summary>What a failure below gRPC means, in one sentence that names the address.</summary>
static class TransportErrors
{
    public static GrpcStatusLine Explain(Exception error, Uri address)
    {
        if (Find<HttpProtocolException>(error) is { } protocol) return FromHttp2(protocol, address);
        if (FailedHandshake(error)) return new(Code.Unavailable, NotHttp2(address), Untouched: true, Cause: error);
        var http = Find<HttpRequestException>(error);
        var what = http?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError =>
                ($"No host named '{address.Host}' was found", true),
            HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError when Find<SocketException>(error) is { } socket =>
                ($"No Temporal server answers at {address.Authority}: {Describe(socket)}", true),
            HttpRequestError.SecureConnectionError =>
                ($"TLS with {address.Authority} failed: {Tls(error, address)}", true),
            HttpRequestError.VersionNegotiationError =>
                (NotHttp2(address), true),
            HttpRequestError.ResponseEnded =>
                ($"The server at {address.Authority} closed the connection before it answered; {Hint(address)}", false),
            HttpRequestError.ConfigurationLimitExceeded =>
                ($"The answer of {address.Authority} has more header bytes than are taken", false),
            _ when Find<SocketException>(error) is { } socket =>
                ($"The connection to {address.Authority} broke: {Describe(socket)}", false),
            _ => ($"The connection to {address.Authority} broke: {Innermost(error).Message.TrimEnd('.')}", false),
        };
        return new(Code.Unavailable, what.Item1.EndsWith('?') ? what.Item1 : what.Item1 + ".", Untouched: what.Item2, Cause: error);
    }

    // Codes of HTTP/2 as gRPC maps them.
    static GrpcStatusLine FromHttp2(HttpProtocolException error, Uri address)
    {
        var (code, what) = error.ErrorCode switch
        {
            0x7 => (Code.Unavailable, "refused the stream"),
            0x8 => (Code.Cancelled, "cancelled the stream"),
            0xb => (Code.ResourceExhausted, "asked for fewer requests (ENHANCE_YOUR_CALM)"),
            0xc => (Code.PermissionDenied, "demands stronger TLS"),
            0x0 => (Code.Unavailable, "closed the connection"),
            // Mostly said by this side, of a server that speaks something else.
            0x1 => (Code.Internal, $"does not speak {Spoken(address)}"),
            _ => (Code.Internal, $"reported HTTP/2 error {error.ErrorCode}"),
        };
        return new(code, $"The server at {address.Authority} {what}{(what.EndsWith('?') ? "" : ".")}", Untouched: error.ErrorCode == 0x7, Cause: error);
    }

    // .NET has no code for it: a port that answers, but not in HTTP/2.
    static bool FailedHandshake(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
            if (error.Message.Contains("did not complete the HTTP/2 handshake", StringComparison.Ordinal)) return true;
        return false;
    }

    static string NotHttp2(Uri address) => $"The server at {address.Authority} does not speak {Spoken(address)}";

    static string Spoken(Uri address) =>
        (address.Scheme == Uri.UriSchemeHttps ? "HTTP/2; " : "HTTP/2 without TLS; ") + Hint(address);

    static string Hint(Uri address) => address.Scheme == Uri.UriSchemeHttps
        ? "is it a Temporal frontend?"
        : "is it a Temporal frontend, and does it want TLS?";

    static string Describe(SocketException error) => error.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "the connection was refused",
        SocketError.ConnectionReset => "it was reset",
        SocketError.TimedOut => "it timed out",
        SocketError.HostUnreachable or SocketError.NetworkUnreachable => "the network does not reach it",
        _ => error.Message.TrimEnd('.'),
    };

    static string Tls(Exception error, Uri address)
    {
        var inner = Find<AuthenticationException>(error)?.Message ?? Innermost(error).Message;
        if (inner.Contains("unexpected EOF", StringComparison.OrdinalIgnoreCase)
            || inner.Contains("frame", StringComparison.OrdinalIgnoreCase)
            || Innermost(error) is IOException)
            return $"the server does not seem to speak TLS; is {address.Authority} a plaintext port?";
        return inner.TrimEnd('.');
    }

    static T? Find<T>(Exception? error)
        where T : Exception
    {
        for (; error is not null; error = error.InnerException)
            if (error is T found) return found;
        return null;
    }

    static Exception Innermost(Exception error)
    {
        while (error.InnerException is { } inner) error = inner;
        return error;
    }
}
