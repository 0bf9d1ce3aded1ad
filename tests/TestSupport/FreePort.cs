using System.Net;
using System.Net.Sockets;

namespace LogPipeline.TestSupport;

/// <summary>
/// Loopback ports for programs that must be given a number. They lie below those that the system gives to outgoing
/// connections (32768 on, by Linux's default), and each stays this process's until it ends: a locked file says so to other test runs.
/// </summary>
public static class FreePort
{
    const int First = 12_000;
    const int Last = 31_999;

    static readonly string Locks = Path.Combine(Path.GetTempPath(), "logpipeline-ports");
    static readonly List<FileStream> Held = [];

    public static int Next()
    {
        Directory.CreateDirectory(Locks);
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(First, Last + 1);
            if (TryHold(port) && IsFree(port)) return port;
        }
        throw new InvalidOperationException($"None of 1000 ports between {First} and {Last} was free.");
    }

    static bool TryHold(int port)
    {
        try
        {
            var file = new FileStream(Path.Combine(Locks, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            lock (Held) Held.Add(file);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
