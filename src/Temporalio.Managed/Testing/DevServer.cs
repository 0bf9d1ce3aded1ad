using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Temporalio.Testing;

/// <summary>A <c>temporal server start-dev</c> of this process.</summary>
sealed class DevServer
{
    const int LinesMax = 20;
    const int SigTerm = 15;
    static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);
    static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(100);

    readonly Process _process;

    // The last lines that it said, for when it does not start. Guarded by itself.
    readonly Queue<string> _said = new();

    int _stopped;

    DevServer(Process process, ILogger logger)
    {
        _process = process;
        DataReceivedEventHandler hear = (_, line) =>
        {
            if (line.Data is not { } text) return;
            DevServerLog.Said(logger, text);
            lock (_said)
            {
                if (_said.Count == LinesMax) _said.Dequeue();
                _said.Enqueue(text);
            }
        };
        process.OutputDataReceived += hear;
        process.ErrorDataReceived += hear;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>A port of 127.0.0.1 on which nobody listened a moment ago.</summary>
    public static string FreeTarget()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }

    /// <exception cref="InvalidOperationException">The program is missing or cannot be run.</exception>
    public static DevServer Start(WorkflowEnvironmentStartLocalOptions options)
    {
        var program = options.DevServerOptions.ExistingPath ?? "temporal";
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        foreach (var argument in Arguments(options)) start.ArgumentList.Add(argument);
        try
        {
            return new(Process.Start(start)!, options.LoggerFactory.CreateLogger<DevServer>());
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException(
                $"The local server could not be started: '{program}' {(options.DevServerOptions.ExistingPath is null ? "is not on PATH" : "cannot be run")}"
                + $" ({e.Message}). Install Temporal's CLI (https://docs.temporal.io/cli), or set DevServerOptions.ExistingPath to its program.",
                e);
        }
    }

    /// <exception cref="InvalidOperationException">It ended, or does not answer in time.</exception>
    public async Task WaitUntilServingAsync(TemporalClient client)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        while (true)
        {
            try
            {
                await client.WorkflowService.DescribeNamespaceAsync(
                    new() { Namespace = client.Options.Namespace }, new() { CancellationToken = limit.Token }).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is RpcException or InvalidOperationException or OperationCanceledException)
            {
                if (_process.HasExited)
                    throw new InvalidOperationException($"The local server ended at its start with exit code {_process.ExitCode}. It said: {Said()}", e);
                if (limit.IsCancellationRequested)
                    throw new InvalidOperationException($"The local server does not answer after {StartLimit.TotalSeconds} s: {e.Message} It said: {Said()}", e);
            }
            await Task.Delay(AskInterval).ConfigureAwait(false);
        }
    }

    /// <summary>Asks it to end, and ends it when it does not. Does nothing the second time.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0) return;
        using var process = _process;
        if (process.HasExited) return;
        if (OperatingSystem.IsWindows() || Kill(process.Id, SigTerm) != 0) process.Kill(entireProcessTree: true);
        try
        {
            await process.WaitForExitAsync().WaitAsync(StopLimit).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync().ConfigureAwait(false);
        }
    }

    static IEnumerable<string> Arguments(WorkflowEnvironmentStartLocalOptions options)
    {
        var address = options.ToAddress();
        List<string> arguments =
        [
            "server", "start-dev",
            "--ip", address.Host == "localhost" ? "127.0.0.1" : address.Host.Trim('[', ']'),
            "--port", address.Port.ToString(CultureInfo.InvariantCulture),
            "--namespace", options.Namespace,
            "--log-format", options.DevServerOptions.LogFormat,
            "--log-level", options.DevServerOptions.LogLevel,
        ];
        if (options.DevServerOptions.DatabaseFilename is { } file) arguments.AddRange(["--db-filename", file]);
        if (!options.UI) arguments.Add("--headless");
        else if (options.UIPort > 0) arguments.AddRange(["--ui-port", options.UIPort.ToString(CultureInfo.InvariantCulture)]);
        foreach (var key in options.SearchAttributes ?? []) arguments.AddRange(["--search-attribute", $"{key.Name}={key.ValueType}"]);
        return arguments.Concat(options.DevServerOptions.ExtraArgs ?? []);
    }

    string Said()
    {
        lock (_said) return _said.Count == 0 ? "nothing" : string.Join('\n', _said);
    }

    [DllImport("libc", EntryPoint = "kill")]
    static extern int Kill(int pid, int signal);
}

static partial class DevServerLog
{
    [LoggerMessage(5801, LogLevel.Debug, "Local server: {Line}")]
    public static partial void Said(ILogger logger, string line);
}
