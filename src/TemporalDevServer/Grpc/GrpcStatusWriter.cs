using System.Globalization;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Temporalio.Api.Common.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Grpc;

/// <summary>A call's status as gRPC writes it: code, percent-encoded sentence, details.</summary>
static class GrpcStatusWriter
{
    const string Status = "grpc-status";
    const string Message = "grpc-message";
    const string Details = "grpc-status-details-bin";

    // Temporal's clients know details by type URL alone, whatever their message says.
    public static void WriteOk(HttpResponse response) => response.AppendTrailer(Status, "0");

    /// <summary>The answer is its status alone; nothing of it has been sent yet.</summary>
    public static void WriteError(HttpResponse response, ServiceError error)
    {
        var headers = response.Headers;
        headers[Status] = ((int)error.Code).ToString(CultureInfo.InvariantCulture);
        headers[Message] = Encode(error.Message);
        if (error.Detail is null) return;
        var status = new GrpcStatus { Code = (int)error.Code, Message = error.Message, Details = { Any.Pack(error.Detail) } };
        headers[Details] = Convert.ToBase64String(status.ToByteArray()).TrimEnd('=');
    }

    public static StringValues Encode(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        if (!bytes.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~') && !message.Contains('%')) return message;
        var text = new StringBuilder(bytes.Length + 16);
        foreach (var b in bytes)
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not (byte)'%') text.Append((char)b);
            else text.Append(CultureInfo.InvariantCulture, $"%{b:X2}");
        }
        return text.ToString();
    }
}
