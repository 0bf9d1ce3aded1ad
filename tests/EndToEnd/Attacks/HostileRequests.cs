using System.Net;
using System.Net.Sockets;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>
/// Requests for the worker's ports, right in part and wrong in any way, none of them with the token. The same seed
/// makes the same ones.
/// </summary>
/// <param name="seed">Of the values.</param>
/// <param name="payload">A payload as JSON, encrypted, that only the one who shows the token may have decoded.</param>
sealed class HostileRequests(int seed, string payload)
{
    static readonly TimeSpan HalfMax = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(40);
    static readonly string[] Paths =
    [
        "/codec/decode", "/codec/encode", "/codec/default/decode", "/healthz/live", "/healthz/ready", "/metrics",
        "/api/stats", "/api/activity-logs/performance", "/", "//", "/%2e%2e/",
        "/codec/decode/../../metrics", "*", "/healthz/ready?x=",
    ];
    static readonly string[] Methods = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "TRACE", "CONNECT", "G", "PRI"];
    static readonly string[] Hosts =
        ["127.0.0.1", "localhost", "evil.example", "", "[::1]", "127.0.0.1@evil", "\u0001"];
    static readonly string[] Headers =
    [
        "Authorization: Bearer ", "Authorization: Bearer wrong", "Authorization: Basic d3Jvbmc6d3Jvbmc=",
        "Origin: http://localhost:8233", "Origin: http://evil.example", "Origin: null", "Content-Encoding: gzip",
        "Transfer-Encoding: chunked", "Expect: 100-continue",
        "Content-Length: 5", "Content-Length: -1", "Content-Length: 99999999999", "Cookie: a=b", "X-Namespace: ../..",
        "Access-Control-Request-Method: POST", "Upgrade: h2c", "no header at all",
    ];

    static readonly string[] NoPayloads =
        ["1", "null", "{}", "[1,2]", "[{\"data\":7}]", "[{\"metadata\":[]}]", "[{\"data\":\"=\"}]"];

    readonly Random _random = new(seed);

    public byte[] Next() => _random.Next(30) switch
    {
        0 => Bytes(_random.Next(5000)),
        1 => Text($"GET /healthz/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nX: {new string('x', 200_000)}\r\n\r\n"),
        2 => Text("POST /decode HTTP/1.1\r\nHost: 127.0.0.1\r\n")[.._random.Next(10, 40)],
        _ => Request(),
    };

    byte[] Request()
    {
        var body = Body();
        var head = new StringBuilder($"{Pick(Methods)} {Pick(Paths)} HTTP/1.1\r\n");
        head.Append($"Host: {Pick(Hosts)}\r\nConnection: close\r\n");
        head.Append($"Content-Type: {Pick("application/json", "application/json", "text/plain", "x")}\r\n");
        for (var i = _random.Next(4); i > 0; i--) head.Append($"{Pick(Headers)}\r\n");
        if (_random.Next(5) > 0) head.Append($"Content-Length: {body.Length}\r\n");
        return [.. Text($"{head}\r\n"), .. body];
    }

    byte[] Body() => _random.Next(8) switch
    {
        0 => [],
        1 => Bytes(_random.Next(20_000)),
        2 => Text(new string('[', 100_000)),
        3 => Text($"{{\"payloads\":{Pick(NoPayloads)}}}"),
        4 => Text($"{{\"payloads\":[{string.Join(',', Enumerable.Repeat("{}", 5_000))}]}}"),
        _ => Text($"{{\"payloads\":[{string.Join(',', Enumerable.Repeat(payload, _random.Next(1, 20)))}]}}"),
    };

    byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        _random.NextBytes(bytes);
        return bytes;
    }

    T Pick<T>(params T[] from) => from[_random.Next(from.Length)];

    static byte[] Text(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>
    /// Sends a request on a connection of its own; the answer is what came until the connection ended.
    /// </summary>
    public static async Task<string> AskAsync(int port, byte[] request)
    {
        using var late = new CancellationTokenSource(AnswerMax);
        using var client = new TcpClient();
        using var answer = new MemoryStream();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, late.Token);
            var stream = client.GetStream();
            await stream.WriteAsync(request, late.Token);
            // One that is not whole is waited for; the end of the caller's side ends that.
            var all = stream.CopyToAsync(answer, late.Token);
            if (await Task.WhenAny(all, Task.Delay(HalfMax, late.Token)) != all)
                client.Client.Shutdown(SocketShutdown.Send);
            await all;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server has had enough of it, and ended the connection.
        }
        return Encoding.Latin1.GetString(answer.ToArray());
    }
}
