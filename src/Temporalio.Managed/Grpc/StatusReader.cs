using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Temporalio.Exceptions;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace Temporalio.Grpc;

/// <summary>Finds how a call ended: in the trailers, in the headers of an answer without body, or else by the HTTP status.</summary>
static class StatusReader
{
    const string StatusName = "grpc-status";

    // An error sentence beyond this is cut; headers have a limit of their own, this one is for logs.
    const int MessageLengthMax = 4096;

    /// <summary>The status in headers or trailers; null when there is none.</summary>
    public static GrpcStatusLine? Read(HttpHeaders headers)
    {
        if (!TryGet(headers, StatusName, out var text)) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return new(Code.Unknown, $"The server's answer is broken: its grpc-status '{Short(text)}' is not a number.");
        // A code that does not exist yet means Unknown, as the protocol asks.
        var code = number <= (int)Code.Unauthenticated ? (Code)number : Code.Unknown;
        var message = TryGet(headers, "grpc-message", out var escaped) ? Unescape(escaped) : "";
        byte[]? details = null;
        if (TryGet(headers, "grpc-status-details-bin", out var base64) && !GrpcMetadata.TryDecodeBinary(base64, out details))
            details = null;
        if (code == Code.OK) return GrpcStatusLine.Ok;
        return new(code, message.Length == 0 ? $"The server answered {code} without saying why." : message, details);
    }

    /// <summary>What an answer that is not gRPC means.</summary>
    public static GrpcStatusLine FromHttp(HttpStatusCode status, string? contentType)
    {
        var code = status switch
        {
            HttpStatusCode.BadRequest => Code.Internal,
            HttpStatusCode.Unauthorized => Code.Unauthenticated,
            HttpStatusCode.Forbidden => Code.PermissionDenied,
            HttpStatusCode.NotFound => Code.Unimplemented,
            HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
                or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => Code.Unavailable,
            _ => Code.Unknown,
        };
        return new(
            code,
            status == HttpStatusCode.OK
                ? $"The server answered with content type '{Short(contentType ?? "none")}' instead of application/grpc; is it a Temporal frontend?"
                : $"The server answered HTTP {(int)status} instead of gRPC.");
    }

    /// <summary>Undoes percent-encoding; what is not a valid escape stays as it is.</summary>
    public static string Unescape(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal)) return Short(text);
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length
                && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                bytes.Add(value);
                i += 2;
            }
            else
            {
                bytes.Add(char.IsAscii(text[i]) ? (byte)text[i] : (byte)'?');
            }
        }
        return Short(Encoding.UTF8.GetString([.. bytes]));
    }

    public static string Short(string text) => text.Length <= MessageLengthMax ? text : string.Concat(text.AsSpan(0, MessageLengthMax), "…");

    static bool TryGet(HttpHeaders headers, string name, out string value)
    {
        value = "";
        if (!headers.NonValidated.TryGetValues(name, out var values)) return false;
        foreach (var each in values) value = each;
        return true;
    }
}
