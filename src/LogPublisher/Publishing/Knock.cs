using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using LogPipeline.Workflows.Connecting;
using Temporalio.Client;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Finds out whether somebody answers at Temporal's address, in a way that can be ended: a connect of the package's goes on for
/// as long as it likes, and one for each trial of a long outage would pile up. What the answer is does not matter here; the
/// connect that follows says what is wrong with it.
/// </summary>
static class Knock
{
    /// <summary>How HTTP/2 begins: its preface and an empty SETTINGS frame. A server answers with settings of its own.</summary>
    static readonly byte[] Greeting = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];

    /// <summary>Returns once something has come back, be it a refusal.</summary>
    public static async Task AtAsync(TemporalClientConnectOptions options, CancellationToken cancellationToken)
    {
        try
        {
            var colon = options.TargetHost!.LastIndexOf(':');
            var host = options.TargetHost[..colon].Trim('[', ']');
            using var socket = new TcpClient();
            var port = ushort.Parse(options.TargetHost[(colon + 1)..], CultureInfo.InvariantCulture);
            await socket.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            if (!TemporalSettings.UsesTls(options))
            {
                var stream = socket.GetStream();
                await stream.WriteAsync(Greeting, cancellationToken).ConfigureAwait(false);
                _ = await stream.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
                return;
            }
            // Nothing is sent over this connection, so any certificate does.
            var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
            await using var closing = tls.ConfigureAwait(false);
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = options.Tls?.Domain ?? host,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
            }, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            // An answer as well.
        }
    }
}
