using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.AspNetCore.Server.Model;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using LogPipeline.DurableFiles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TemporalDevServer.Engine;
using TemporalDevServer.Grpc;
using TemporalDevServer.Host;
using TemporalDevServer.Journal;
using TemporalDevServer.Observability;
using Temporalio.Api.OperatorService.V1;

namespace TemporalDevServer;

/// <summary>
/// A Temporal server in this process: for development, tests and one-machine use. Production, and more than one
/// machine, means a real Temporal cluster.
/// </summary>
public sealed class DevServer : IAsyncDisposable
{
    /// <summary>The meter of all servers of this process; docs/metrics.md has the table.</summary>
    public const string MeterName = ServerMetrics.MeterName;

    const string DefaultNamespace = "default";

    readonly WebApplication _app;
    readonly EngineLoop _loop;

    DevServer(WebApplication app, EngineLoop loop)
    {
        _app = app;
        _loop = loop;
    }

    /// <summary>Host and port for a client.</summary>
    public string Address => new Uri(_app.Urls.First()).Authority;

    public int Port => new Uri(_app.Urls.First()).Port;

    /// <summary>Starts it; it answers when this returns.</summary>
    /// <exception cref="DevServerOptionsException">The options are invalid; each error is one sentence.</exception>
    public static async Task<DevServer> StartAsync(
        DevServerOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new DevServerOptions();
        var certificate = DevServerOptionsCheck.Check(options);
        var time = options.TimeProvider ?? TimeProvider.System;
        var loop = NewLoop(options, time);
        loop.Start();
        foreach (var name in options.Namespaces.Prepend(DefaultNamespace).Distinct())
            await AddAsync(loop, name, options.SearchAttributes).ConfigureAwait(false);
        var app = Build(options, loop, time, certificate);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            return new DevServer(app, loop);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            await loop.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    static EngineLoop NewLoop(DevServerOptions options, TimeProvider time)
    {
        if (options.DatabaseFile is not { } path)
            return new EngineLoop(WorkflowEngine.New(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8))), time);
        if (File.Exists(path))
            throw new IOException(
                $"{path} is a file. The server keeps its journal in a directory: name another path, or move the "
                + "file away.");
        var log = new JournalLog((options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<EngineJournal>());
        var owner = $"process {Environment.ProcessId} on {Environment.MachineName}";
        var journal = EngineJournal.Open(new PhysicalDirectory(path), owner, new JournalOptions(), log);
        return new EngineLoop(journal.Engine, time, journal);
    }

    static async Task AddAsync(EngineLoop loop, string name, IReadOnlyDictionary<string, string> searchAttributes)
    {
        loop.Post(new EnsureNamespaceInput(name));
        if (searchAttributes.Count == 0) return;
        var request = new AddSearchAttributesRequest { Namespace = name };
        foreach (var (attribute, type) in searchAttributes)
            request.SearchAttributes[attribute] = Enum.Parse<IndexedValueType>(type, ignoreCase: true);
        var reply = await loop.CallAsync(request, request.ToByteArray(), out _).ConfigureAwait(false);
        if (reply.Error is { } error) throw new DevServerOptionsException([error.Message]);
    }

    static WebApplication Build(
        DevServerOptions options, EngineLoop loop, TimeProvider time, X509Certificate2Collection? certificate)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            ServerLimits.Set(kestrel.Limits);
            kestrel.Listen(new IPEndPoint(options.Ip, options.Port), listen =>
            {
                listen.Protocols = HttpProtocols.Http2;
                if (certificate is null) return;
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate[0];
                    https.ServerCertificateChain = certificate;
                });
            });
        });
        // Without this a stop would wait for long polls.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        // Signals are for the program that holds this server: the host's own lifetime would take them from it.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        AddServices(builder.Services, options, loop, time);
        var app = builder.Build();
        app.Use(MessageSizeError.TranslateAsync);
        if (options.ApiKey is { } key) app.Use(new ApiKeyCheck(key).CheckAsync);
        // Requests arrive in the system's time, whatever clock the engine has.
        var budget = new RequestBudget(
            ServerLimits.RequestBytesMax, ServerLimits.CallsMax, ServerLimits.ArrivalMax, TimeProvider.System);
        app.Use(budget.GuardAsync);
        app.MapGrpcService<TemporalService>();
        app.MapGrpcService<HealthServiceImpl>();
        return app;
    }

    static void AddServices(IServiceCollection services, DevServerOptions options, EngineLoop loop, TimeProvider time)
    {
        services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = Limits.MessageBytesMax;
            foreach (var interceptor in options.Interceptors) grpc.Interceptors.Add(interceptor.GetType());
        });
        foreach (var interceptor in options.Interceptors) services.AddSingleton(interceptor.GetType(), interceptor);
        services.AddSingleton(new TemporalService(loop, time));
        services.AddSingleton<IServiceMethodProvider<TemporalService>, TemporalMethods>();
        var health = new HealthServiceImpl();
        foreach (var service in TemporalMethods.Services.Keys.Prepend(""))
            health.SetStatus(service, HealthCheckResponse.Types.ServingStatus.Serving);
        services.AddSingleton(health);
    }

    /// <summary>
    /// Completes when the server has ended: stopped, or failed because its journal could not be written.
    /// </summary>
    public Task Ended => _loop.Ended;

    /// <summary>Answers what waits, closes the port, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _loop.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            await _app.DisposeAsync().ConfigureAwait(false);
        }
    }

    internal sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;
        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
