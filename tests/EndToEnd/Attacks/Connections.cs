using System.Net;
using System.Net.Sockets;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>Connections that say nothing, half of something or nonsense, and stay.</summary>
sealed class Connections : IDisposable
{
    static readonly byte[] Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray();

    readonly List<Socket> _sockets = [];

    public int Count => _sockets.Count;

    /// <summary>Opens so many at once; those that the server refuses are fewer.</summary>
    public static async Task<Connections> OpenAsync(string address, int count, int seed)
    {
        var endPoint = IPEndPoint.Parse(address);
        var random = new Random(seed);
        var all = new Connections();
        var first = Enumerable.Range(0, count).Select(_ => First(random)).ToList();
        await Task.WhenAll(first.Select(async bytes =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(endPoint);
                await socket.SendAsync(bytes);
                lock (all._sockets) all._sockets.Add(socket);
            }
            catch (SocketException)
            {
                socket.Dispose();
            }
        }));
        return all;
    }

    public void Dispose()
    {
        foreach (var socket in _sockets) socket.Dispose();
    }

    static byte[] First(Random random)
    {
        var garbage = new byte[random.Next(1, 1000)];
        random.NextBytes(garbage);
        return random.Next(5) switch
        {
            0 => [],
            1 => Preface[..random.Next(Preface.Length)],
            2 => garbage,
            3 => [.. Preface, .. garbage],
            // Settings, and the head of a frame of which nothing follows.
            _ => [.. Preface, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 64, 0, 1, 4, 0, 0, 0, 1],
        };
    }
}
