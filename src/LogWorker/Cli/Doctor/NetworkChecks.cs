using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>The checks below gRPC: name, port, TLS.</summary>
static class NetworkChecks
{
    public static async Task<CheckResult> DnsAsync(string host, CancellationToken cancellationToken)
    {
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
            return CheckResult.Ok("DNS",
                $"{host} is {string.Join(", ", addresses.Take(4).Select(address => address.ToString()))}");
        }
        catch (SocketException e)
        {
            return CheckResult.Failed("DNS", $"No host named '{host}' was found: {e.Message}.",
                "Correct the host in TEMPORAL_ADDRESS.");
        }
    }

    public static async Task<CheckResult> TcpAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            var remote = (IPEndPoint)socket.Client.RemoteEndPoint!;
            var address = remote.Address.IsIPv4MappedToIPv6 ? remote.Address.MapToIPv4() : remote.Address;
            return CheckResult.Ok("TCP", $"{new IPEndPoint(address, remote.Port)} accepts connections");
        }
        catch (SocketException e)
        {
            return CheckResult.Failed("TCP", $"Nothing answers at {host}:{port}: {e.Message}.",
                "Start Temporal there ('temporal server start-dev' makes one for development), or correct "
                + "TEMPORAL_ADDRESS.");
        }
        catch (OperationCanceledException)
        {
            return CheckResult.Failed("TCP", $"{host}:{port} does not answer.",
                "Let the firewall between here and there pass this port, or correct TEMPORAL_ADDRESS.");
        }
    }

    /// <summary>A handshake as HTTP/2 needs it. The next check finds out whether the certificate is trusted.</summary>
    public static async Task<CheckResult> TlsAsync(string host, int port, string? serverName,
        CancellationToken cancellationToken)
    {
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            // Nothing is sent over this connection.
            var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, (_, _, _, _) => true);
            await using (tls.ConfigureAwait(false))
            {
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = serverName ?? host,
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                }, cancellationToken).ConfigureAwait(false);
                return CheckResult.Ok("TLS",
                    $"{tls.SslProtocol}, certificate '{tls.RemoteCertificate?.Subject}', valid until "
                    + $"{tls.RemoteCertificate?.GetExpirationDateString()}");
            }
        }
        catch (Exception e) when (e is AuthenticationException or IOException or SocketException)
        {
            return CheckResult.Failed("TLS", $"No TLS with {host}:{port}: {e.Message}",
                "If the server speaks plain text, unset TEMPORAL_API_KEY and the TEMPORAL_TLS variables or set "
                + "TEMPORAL_TLS=false.");
        }
        catch (OperationCanceledException)
        {
            return CheckResult.Failed("TLS", $"{host}:{port} does not answer the TLS handshake.",
                "If the server speaks plain text, set TEMPORAL_TLS=false.");
        }
    }
}
