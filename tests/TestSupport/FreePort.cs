using System.Net;
using System.Net.Sockets;

namespace LogPipeline.TestSupport;

/// <summary>Loopback ports that nobody listened on a moment ago; never the same one twice in a test run.</summary>
public static class FreePort
{
    static readonly HashSet<int> Given = [];

    public static int Next()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            lock (Given)
                if (Given.Add(port)) return port;
        }
    }
}
