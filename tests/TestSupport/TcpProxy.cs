using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace LogPipeline.TestSupport;

/// <summary>What a <see cref="TcpProxy"/> does with connections.</summary>
public enum Link
{
    /// <summary>Bytes go through.</summary>
    Passing,

    /// <summary>Nobody listens, and what was connected is cut.</summary>
    Refused,

    /// <summary>
    /// Connections are taken and nothing ever comes back, on these and on earlier ones, then and later: a firewall that forgot them.
    /// </summary>
    BlackHoled,

    /// <summary>Nothing goes through until it passes again, and then all of it does: a cable that was pulled and put back.</summary>
    Stalled,

    /// <summary>Connections are reset, the old ones and each new one.</summary>
    Resetting,

    /// <summary>What the server says arrives late by <see cref="TcpProxy.Delay"/>.</summary>
    Slow,
}

/// <summary>Stands on loopback between a client and a server and breaks their connection as a test says.</summary>
public sealed class TcpProxy : IAsyncDisposable
{
    const int ChunkBytes = 64 * 1024;
    const int ChunksMax = 1_000;

    readonly IPEndPoint _target;
    readonly int _port = FreePort.Next();
    readonly CancellationTokenSource _end = new();
    readonly Lock _gate = new();
    // Under the gate.
    readonly List<Pair> _pairs = [];
    readonly ConcurrentBag<Task> _tasks = [];
    TcpListener? _listener;
    TaskCompletionSource _changed = NewSignal();
    Link _link = Link.Refused;

    /// <param name="target">The server, as host:port with an IP address.</param>
    public TcpProxy(string target)
    {
        _target = IPEndPoint.Parse(target);
        Set(Link.Passing);
    }

    public string Address => $"127.0.0.1:{_port}";

    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(2);

    public void Set(Link link)
    {
        TaskCompletionSource changed;
        Pair[] cut = [];
        lock (_gate)
        {
            _link = link;
            if (link is Link.Refused or Link.Resetting)
            {
                cut = [.. _pairs];
                _pairs.Clear();
            }
            if (link == Link.BlackHoled) _pairs.ForEach(pair => pair.IsDead = true);
            if (link == Link.Refused)
            {
                _listener?.Stop();
                _listener = null;
            }
            else if (_listener is null)
            {
                _listener = new TcpListener(IPAddress.Loopback, _port);
                _listener.Start();
                _tasks.Add(AcceptAsync(_listener));
            }
            changed = _changed;
            _changed = NewSignal();
        }
        foreach (var pair in cut) pair.Reset();
        changed.SetResult();
    }

    public async ValueTask DisposeAsync()
    {
        Set(Link.Refused);
        await _end.CancelAsync();
        await Task.WhenAll(_tasks);
        _end.Dispose();
    }

    async Task AcceptAsync(TcpListener listener)
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await listener.AcceptSocketAsync(_end.Token);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException
                or InvalidOperationException)
            {
                return;
            }
            client.NoDelay = true;
            var pair = new Pair(client, new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
            lock (_gate)
            {
                if (_link is Link.Refused or Link.Resetting)
                {
                    pair.Reset();
                    continue;
                }
                pair.IsDead = _link == Link.BlackHoled;
                _pairs.Add(pair);
            }
            _tasks.Add(ServeAsync(pair));
        }
    }

    async Task ServeAsync(Pair pair)
    {
        await OrResetAsync(pair, async () =>
        {
            await WhileStalledAsync();
            if (pair.IsDead) await Task.Delay(Timeout.Infinite, _end.Token);
            await pair.Server.ConnectAsync(_target, _end.Token);
            await Task.WhenAll(PumpAsync(pair, pair.Client, pair.Server, fromServer: false),
                PumpAsync(pair, pair.Server, pair.Client, fromServer: true));
        });
        lock (_gate) _pairs.Remove(pair);
        pair.Reset();
    }

    /// <summary>Reads on while earlier bytes wait for their time, so that a delay is not a limit on how much flows.</summary>
    async Task PumpAsync(Pair pair, Socket from, Socket to, bool fromServer)
    {
        var chunks = Channel.CreateBounded<(byte[] Bytes, long At)>(ChunksMax);
        await Task.WhenAll(OrResetAsync(pair, ReadAsync), OrResetAsync(pair, WriteAsync));

        async Task ReadAsync()
        {
            var buffer = new byte[ChunkBytes];
            try
            {
                int count;
                while ((count = await from.ReceiveAsync(buffer, _end.Token)) > 0)
                    if (!pair.IsDead) await chunks.Writer.WriteAsync((buffer[..count], Stopwatch.GetTimestamp()), _end.Token);
            }
            finally
            {
                chunks.Writer.TryComplete();
            }
        }

        async Task WriteAsync()
        {
            await foreach (var (bytes, at) in chunks.Reader.ReadAllAsync(_end.Token))
            {
                await WhileStalledAsync();
                bool slow;
                lock (_gate) slow = _link == Link.Slow && fromServer;
                var left = Delay - Stopwatch.GetElapsedTime(at);
                if (slow && left > TimeSpan.Zero) await Task.Delay(left, _end.Token);
                if (pair.IsDead) continue;
                for (var sent = 0; sent < bytes.Length;) sent += await to.SendAsync(bytes.AsMemory(sent), _end.Token);
            }
            if (!pair.IsDead) to.Shutdown(SocketShutdown.Send);
        }
    }

    /// <summary>Either side may end at any time, and then both do.</summary>
    static async Task OrResetAsync(Pair pair, Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            pair.Reset();
        }
    }

    async Task WhileStalledAsync()
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_link != Link.Stalled) return;
                changed = _changed.Task;
            }
            await changed.WaitAsync(_end.Token);
        }
    }

    static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    sealed class Pair(Socket client, Socket server)
    {
        public Socket Client { get; } = client;
        public Socket Server { get; } = server;
        public volatile bool IsDead;
        int _isReset;

        public void Reset()
        {
            if (Interlocked.Exchange(ref _isReset, 1) == 1) return;
            foreach (var socket in (Socket[])[Client, Server])
            {
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
            }
        }
    }
}
