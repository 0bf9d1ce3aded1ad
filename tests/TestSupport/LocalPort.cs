using System.Net;
using System.Net.Sockets;

namespace LogPipeline.TestSupport;

/// <summary>Whether something listens on a loopback port.</summary>
public static class LocalPort
{
    public static async Task<bool> IsOpenAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
