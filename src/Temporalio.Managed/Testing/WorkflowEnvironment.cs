using Microsoft.Extensions.Logging;
using Temporalio.Client;
using Temporalio.Common.EnvConfig;

namespace Temporalio.Testing;

/// <summary>A server to test workflows on, with a client of it. Disposing it ends a server that it started.</summary>
public class WorkflowEnvironment : IAsyncDisposable
{
    /// <summary>Of a server that runs already; it is not ended.</summary>
    public WorkflowEnvironment(ITemporalClient client)
    {
        Client = client;
        Logger = client.Options.LoggerFactory.CreateLogger<WorkflowEnvironment>();
    }

    public ITemporalClient Client { get; protected init; }

    /// <summary>False: time passes as it does.</summary>
    public virtual bool SupportsTimeSkipping => false;

    protected ILogger<WorkflowEnvironment> Logger { get; }

    /// <summary>Of the server that TEMPORAL_* variables and temporal.toml name; it is not ended.</summary>
    /// <exception cref="InvalidOperationException">It cannot be reached; the message says why.</exception>
    public static async Task<WorkflowEnvironment> CreateFromEnvConfigAsync(ClientEnvConfig.ProfileLoadOptions? profileLoadOptions = null) =>
        new(await TemporalClient.ConnectAsync(ClientEnvConfig.LoadClientConnectOptions(profileLoadOptions)).ConfigureAwait(false));

    /// <summary>Starts <c>temporal server start-dev</c> and waits, for a minute at most, until it serves its namespace.</summary>
    /// <exception cref="InvalidOperationException">There is no such program, it ended, or it does not answer; the message says which.</exception>
    public static async Task<WorkflowEnvironment> StartLocalAsync(WorkflowEnvironmentStartLocalOptions? options = null)
    {
        options = (WorkflowEnvironmentStartLocalOptions)(options ?? new()).Clone();
        options.TargetHost ??= DevServer.FreeTarget();
        var server = DevServer.Start(options);
        try
        {
            var client = TemporalClient.CreateLazy(options);
            await server.WaitUntilServingAsync(client).ConfigureAwait(false);
            return new Local(client, server);
        }
        catch
        {
            await server.StopAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Waits.</summary>
    public Task DelayAsync(int millisecondsDelay, CancellationToken? cancellationToken = null) =>
        DelayAsync(TimeSpan.FromMilliseconds(millisecondsDelay), cancellationToken);

    /// <summary>Waits.</summary>
    public virtual Task DelayAsync(TimeSpan delay, CancellationToken? cancellationToken = null) => Task.Delay(delay, cancellationToken ?? default);

    /// <summary>This machine's local time.</summary>
    public virtual Task<DateTime> GetCurrentTimeAsync() => Task.FromResult(TimeProvider.System.GetLocalNow().DateTime);

    /// <summary>Runs the function; there is no time skipping to switch off.</summary>
    public void WithAutoTimeSkippingDisabled(Action func) => func();

    /// <summary>Runs the function; there is no time skipping to switch off.</summary>
    public T WithAutoTimeSkippingDisabled<T>(Func<T> func) => func();

    /// <summary>Runs the function; there is no time skipping to switch off.</summary>
    public Task WithAutoTimeSkippingDisabledAsync(Func<Task> func) => func();

    /// <summary>Runs the function; there is no time skipping to switch off.</summary>
    public virtual Task<T> WithAutoTimeSkippingDisabledAsync<T>(Func<Task<T>> func) => func();

    /// <summary>Ends the server if this environment started it.</summary>
    public virtual Task ShutdownAsync() => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await ShutdownAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    sealed class Local(ITemporalClient client, DevServer server) : WorkflowEnvironment(client)
    {
        public override Task ShutdownAsync() => server.StopAsync();
    }
}
