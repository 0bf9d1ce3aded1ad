using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace LogPipeline.EndToEnd.Page;

/// <summary>Sends records as server-sent events, steadily, to whoever connects; each once a second so many.</summary>
sealed class TailFeed : IAsyncDisposable
{
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(20);

    static readonly byte[] Head =
        [.. "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"u8];

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly int _perTick;
    readonly Task _serving;
    long _sent;

    public TailFeed(int perSecond)
    {
        _perTick = (int)(perSecond * Pace.TotalSeconds);
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    public string Address => $"http://{_listener.LocalEndpoint}/";

    public long Sent => Interlocked.Read(ref _sent);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        _end.Dispose();
    }

    async Task ServeAsync()
    {
        var readers = new List<Task>();
        try
        {
            while (true) readers.Add(FeedAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(readers);
        }
    }

    async Task FeedAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            var stream = client.GetStream();
            // The request is what the page sends; it fits one packet on loopback.
            if (await stream.ReadAsync(new byte[8192], _end.Token) == 0) return;
            await stream.WriteAsync(Head, _end.Token);
            using var pace = new PeriodicTimer(Pace);
            for (long sequence = 0; await pace.WaitForNextTickAsync(_end.Token); sequence += _perTick)
            {
                var text = new StringBuilder();
                for (var i = 0; i < _perTick; i++)
                    text.Append("data: ").Append(JsonSerializer.Serialize(Next(sequence + i))).Append("\n\n");
                await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), _end.Token);
                Interlocked.Add(ref _sent, _perTick);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
        {
            // The page has gone, or the test is over.
        }
    }

    static Dictionary<string, object> Next(long sequence) => SomeAnswers.Record(sequence, sequence % 50 == 0 ? "error" : "info",
        sequence % 3 == 0 ? "payments" : "app", $"Order {sequence} for \"Ada\" was placed with {sequence % 17} articles");
}
