using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace TemporalDevServer.Cli;

/// <summary>
/// The server as a command, with the flags of <c>temporal server start-dev</c>. This project's program is only this
/// command; other programs have it as a verb.
/// </summary>
public static class ServerCommand
{
    const int Done = 0;
    const int Failed = 1;
    const int Configuration = 78;
    const int DefaultPort = 7233;

    // Settings that enable what is always enabled here.
    static readonly string[] AlwaysOn =
    [
        "frontend.enableUpdateWorkflowExecution",
        "frontend.enableUpdateWorkflowExecutionAsyncAccepted",
        "frontend.enableExecuteMultiOperation",
        "system.enableEagerWorkflowStart",
        "system.forceSearchAttributesCacheRefreshOnRead",
    ];

    static readonly Option<int> Port = new("--port", "-p")
    {
        Description = "The port for clients and workers; 0: a free one.",
        DefaultValueFactory = _ => DefaultPort,
        CustomParser = parsed => ReadPort(parsed) ?? 0,
    };

    static readonly Option<string> Ip = new("--ip")
    {
        Description = "The address to listen on. Any but loopback needs TLS and an API key.",
        DefaultValueFactory = _ => "127.0.0.1",
    };

    static readonly Option<string?> DbFilename = new("--db-filename", "-f")
    {
        Description = "Where state is kept, a directory; without it state ends with the server.",
    };

    static readonly Option<string[]> Namespaces = new("--namespace", "-n")
    {
        Description = "A namespace to have from the start, beside 'default'. May be repeated.",
    };

    static readonly Option<string> Level = new("--log-level")
    {
        Description = "What is logged: debug, info, warn, error or never.",
        DefaultValueFactory = _ => "warn",
    };

    static readonly Option<string> Format = new("--log-format")
    {
        Description = "How it is logged: text or json.",
        DefaultValueFactory = _ => "text",
    };

    static readonly Option<string[]> SearchAttribute = new("--search-attribute")
    {
        Description = "A search attribute to have from the start, as NAME=TYPE. May be repeated.",
    };

    static readonly Option<string[]> DynamicConfig = new("--dynamic-config-value")
    {
        Description = "KEY=VALUE of Temporal's dynamic configuration, where it means something here. May be repeated.",
    };

    static readonly Option<int?> MetricsPort = new("--metrics-port")
    {
        Description = "A port of 127.0.0.1 for Prometheus's GET /metrics; 0: a free one. Without it there is none.",
        CustomParser = ReadPort,
    };

    static readonly Option<bool> Headless = new("--headless")
    {
        Description = "There is no web UI in this server: accepted, and always so.",
    };

    static readonly Option<string?> Certificate = new("--tls-cert-path")
    {
        Description = "The server's certificate, PEM.",
    };

    static readonly Option<string?> Key = new("--tls-key-path")
    {
        Description = "The certificate's key, PEM.",
    };

    static readonly Option<string?> ApiKey = new("--api-key")
    {
        Description =
            "What every call has to show; TEMPORAL_SERVER_API_KEY, which the list of processes does not show.",
    };

    static int? ReadPort(ArgumentResult parsed)
    {
        var text = parsed.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var port)) return port;
        parsed.AddError($"{((OptionResult)parsed.Parent!).IdentifierToken?.Value} was '{text}'; a port from 0 to 65535 will do.");
        return null;
    }

    static ServerCommand()
    {
        Level.AcceptOnlyFromAmong("debug", "info", "warn", "error", "never");
        Format.AcceptOnlyFromAmong("text", "json", "pretty");
    }

    /// <summary>Gives the command its flags and what it does.</summary>
    public static T AddTo<T>(T command) where T : Command
    {
        Option[] options =
        [
            Port, Ip, DbFilename, Namespaces, Level, Format, SearchAttribute, DynamicConfig, Headless,
            Certificate, Key, ApiKey, MetricsPort,
        ];
        foreach (var option in options) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var output = parsed.InvocationConfiguration.Output;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        try
        {
            using var logging = Logging(parsed.GetValue(Level)!, parsed.GetValue(Format)!);
            var options = Read(parsed) with { LoggerFactory = logging };
            var server = await DevServer.StartAsync(options, stop.Token).ConfigureAwait(false);
            await using (server.ConfigureAwait(false))
            {
                var metrics = parsed.GetValue(MetricsPort) is { } port
                    ? await MetricsServer.StartAsync(port, stop.Token).ConfigureAwait(false) : null;
                await output.WriteLineAsync(StartLine(server.Address, metrics?.Address, options)).ConfigureAwait(false);
                try
                {
                    await server.Ended.WaitAsync(stop.Token).ConfigureAwait(false);
                }
                finally
                {
                    if (metrics is not null) await metrics.DisposeAsync().ConfigureAwait(false);
                }
            }
            return Done;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Done;
        }
        catch (DevServerOptionsException e)
        {
            foreach (var error in e.Errors)
                await parsed.InvocationConfiguration.Error.WriteLineAsync(error).ConfigureAwait(false);
            return Configuration;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return Failed;
        }

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    static string StartLine(string address, string? metrics, DevServerOptions options)
    {
        var state = options.DatabaseFile is { } path
            ? $"State is kept in {Path.GetFullPath(path)}."
            : "State is kept in memory and ends with the server.";
        var scraped = metrics is null ? "" : $"Metrics are at http://{metrics}/metrics. ";
        return $"Temporal development server at {address}. {state} {scraped}"
            + "For development, tests and one machine: production means a real Temporal cluster.";
    }

    static DevServerOptions Read(ParseResult parsed)
    {
        var errors = new List<string>();
        if (!IPAddress.TryParse(parsed.GetValue(Ip), out var ip))
            errors.Add($"--ip was '{parsed.GetValue(Ip)}'; an address such as 127.0.0.1 or ::1 will do.");
        if (parsed.GetValue(MetricsPort) is { } port and (< 0 or > IPEndPoint.MaxPort))
            errors.Add($"--metrics-port was {port}; one from 1 to {IPEndPoint.MaxPort} will do, or 0 for a free one.");
        var attributes = new Dictionary<string, string>();
        foreach (var text in parsed.GetValue(SearchAttribute) ?? [])
        {
            if (text.Split('=', 2) is [{ Length: > 0 } name, { Length: > 0 } type]) attributes[name] = type;
            else errors.Add($"--search-attribute was '{text}'; NAME=TYPE will do, such as Region=Keyword.");
        }
        foreach (var text in parsed.GetValue(DynamicConfig) ?? [])
            if (!AlwaysOn.Any(key => text == $"{key}=true"))
                errors.Add(
                    $"--dynamic-config-value was '{text}', which means nothing to this server; leave it out, or "
                    + "use a real Temporal server.");
        if (errors.Count > 0) throw new DevServerOptionsException(errors);
        return new DevServerOptions
        {
            Ip = ip!,
            Port = parsed.GetValue(Port),
            Namespaces = parsed.GetValue(Namespaces) ?? [],
            DatabaseFile = parsed.GetValue(DbFilename),
            SearchAttributes = attributes,
            TlsCertificateFile = parsed.GetValue(Certificate),
            TlsKeyFile = parsed.GetValue(Key),
            ApiKey = parsed.GetValue(ApiKey)
                ?? (Environment.GetEnvironmentVariable("TEMPORAL_SERVER_API_KEY") is { Length: > 0 } key ? key : null),
        };
    }

    static ILoggerFactory Logging(string level, string format) => LoggerFactory.Create(logging =>
    {
        logging.SetMinimumLevel(level switch
        {
            "debug" => LogLevel.Debug,
            "info" => LogLevel.Information,
            "error" => LogLevel.Error,
            "never" => LogLevel.None,
            _ => LogLevel.Warning,
        });
        // Standard output is for the line with the server's address.
        logging.Services.Configure<ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        if (format == "json") logging.AddJsonConsole(console => console.UseUtcTimestamp = true);
        else
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            });
    });
}
