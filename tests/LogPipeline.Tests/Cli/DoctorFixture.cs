using System.Net;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Hosting;
using TemporalDevServer;

namespace LogPipeline.Tests.Cli;

/// <summary>A set-up in which nothing is wrong: an embedded server, and a worker with a key of its own.</summary>
public sealed class DoctorFixture : IAsyncLifetime
{
    public const string Key = "main:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    readonly TempDirectory _folder = new();
    ChildProcess? _worker;
    DevServer? _temporal;
    DevServer? _tls;

    public SomeCertificates Certificates { get; private set; } = null!;

    /// <summary>With a certificate, and an API key.</summary>
    public string TlsAddress => $"localhost:{_tls!.Port}";

    public string Address => _temporal!.Address;

    /// <summary>The worker's own variables.</summary>
    public Dictionary<string, string> Variables { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        _temporal = await DevServer.StartAsync(new DevServerOptions());
        Certificates = new SomeCertificates(_folder);
        var (certificate, key) = Certificates.Server("localhost", DateTimeOffset.UtcNow.AddDays(25));
        _tls = await DevServer.StartAsync(new DevServerOptions
        {
            TlsCertificateFile = certificate, TlsKeyFile = key, ApiKey = "the-key-of-this-test",
        });
        Variables = new()
        {
            ["TEMPORAL_ADDRESS"] = _temporal.Address,
            ["TEMPORAL_CONFIG_FILE"] = _folder.File("nowhere.toml"),
            ["LOG_TASK_QUEUE"] = Some.Name("doctor"),
            ["LOG_DIRECTORY"] = _folder.File("logs"),
            ["LOG_SPOOL_DIRECTORY"] = _folder.File("spool"),
            ["LOG_HTTP_PORT"] = $"{FreePort.Next()}",
            ["LOG_ENCRYPTION_KEYS"] = Key,
            ["LOG_FREE_BYTES_MIN"] = "1MiB",
        };
        _worker = ChildProcess.Start("dotnet", [typeof(LogWorkerOptions).Assembly.Location, "--daemon"], Variables, _folder.Path);
        await _worker.LineAsync(line => line.Contains("Connected to Temporal", StringComparison.Ordinal));
    }

    public async Task DisposeAsync()
    {
        _worker!.Terminate();
        await _worker.EndAsync();
        await _worker.DisposeAsync();
        await _tls!.DisposeAsync();
        await _temporal!.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>Something at a port of its own that answers every question the same way.</summary>
sealed class SomeHttpServer : IDisposable
{
    readonly HttpListener _listener = new();

    public SomeHttpServer(int status, string body)
    {
        Address = $"http://127.0.0.1:{FreePort.Next()}/";
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _ = AnswerAsync(status, Encoding.UTF8.GetBytes(body));
    }

    public string Address { get; }

    public int Port => new Uri(Address).Port;

    public void Dispose() => _listener.Close();

    async Task AnswerAsync(int status, byte[] body)
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                context.Response.StatusCode = status;
                await context.Response.OutputStream.WriteAsync(body);
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
