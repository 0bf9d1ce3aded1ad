using System.Collections;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Logging;
using Temporalio.Client;
using Temporalio.Common.EnvConfig;
using Temporalio.Runtime;

namespace LogPipeline.Workflows.Connecting;

/// <summary>
/// How Temporal is reached: its own <c>TEMPORAL_*</c> variables over a profile of <c>temporal.toml</c>, over this
/// product's defaults; and what every connection of a publisher or worker has.
/// </summary>
static class TemporalSettings
{
    /// <summary>Each sets the header that its name ends with.</summary>
    const string HeaderPrefix = "TEMPORAL_GRPC_META_";

    /// <summary>Temporal's variables but those for headers.</summary>
    static readonly string[] Names =
    [
        "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY",
        "TEMPORAL_TLS",
        "TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_CERT_DATA", "TEMPORAL_TLS_CLIENT_KEY_PATH",
        "TEMPORAL_TLS_CLIENT_KEY_DATA",
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH", "TEMPORAL_TLS_SERVER_CA_CERT_DATA", "TEMPORAL_TLS_SERVER_NAME",
        "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION",
    ];

    /// <summary>A dead link is noticed after 20 s. Temporal takes a ping every 10 s at most; a client that pings more
    /// often is thrown out.</summary>
    static readonly TimeSpan PingInterval = TimeSpan.FromSeconds(15);
    static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(5);

    static readonly TelemetryFilterOptions CoreFilter =
        new(TelemetryFilterOptions.Level.Warn, TelemetryFilterOptions.Level.Warn);

    /// <summary>The variables that are set. An empty one counts as unset: Temporal's own reader takes an empty
    /// TEMPORAL_API_KEY for a key and turns TLS on.</summary>
    /// <param name="get">Where variables come from; null: the process's environment.</param>
    public static IReadOnlyDictionary<string, string> Variables(Func<string, string?>? get = null)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (get is not null)
        {
            foreach (var name in Names.Concat(HeaderNames()))
                if (get(name) is { Length: > 0 } value) variables[name] = value;
            return variables;
        }
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if (variable is { Key: string name, Value: string { Length: > 0 } value }) variables[name] = value;
        return variables;
    }

    /// <summary>Their names are anybody's: those that the process has are asked for, wherever the values come from.</summary>
    static IEnumerable<string> HeaderNames() => Environment.GetEnvironmentVariables().Keys.Cast<string>()
        .Where(name => name.StartsWith(HeaderPrefix, StringComparison.Ordinal));

    /// <summary>As the other, for callers that read nothing else.</summary>
    /// <exception cref="ConfigurationException">A variable, a file it names or <c>temporal.toml</c> is
    /// wrong.</exception>
    public static TemporalClientConnectOptions Read(
        IReadOnlyDictionary<string, string> variables, string? address = null, string? @namespace = null)
    {
        var errors = new EnvironmentReader(name => variables.GetValueOrDefault(name));
        var options = Read(errors, variables, address, @namespace);
        errors.ThrowIfWrong();
        return options!;
    }

    /// <summary>Adds what is wrong to the reader's errors; null only after an error.</summary>
    /// <param name="errors">Collects errors.</param>
    /// <param name="variables">All variables that are set and not empty.</param>
    /// <param name="address">Wins, where it is not null, and was checked.</param>
    /// <param name="namespace">As <paramref name="address"/>.</param>
    public static TemporalClientConnectOptions? Read(
        EnvironmentReader errors, IReadOnlyDictionary<string, string> variables, string? address = null,
        string? @namespace = null)
    {
        try
        {
            var options = ClientEnvConfig.LoadClientConnectOptions(
                new ClientEnvConfig.ProfileLoadOptions { OverrideEnvVars = variables });
            if (address is not null) options.TargetHost = address;
            if (string.IsNullOrEmpty(options.TargetHost)) options.TargetHost = PipelineDefaults.TemporalAddress;
            if (@namespace is not null) options.Namespace = @namespace;
            if (!OptionText.IsAddress(options.TargetHost))
                errors.Refuse(variables.ContainsKey("TEMPORAL_ADDRESS")
                    ? "TEMPORAL_ADDRESS" : "The address in temporal.toml",
                    options.TargetHost, $"use HOST:PORT, such as {PipelineDefaults.TemporalAddress}");
            // The core leaves out a key that it cannot send, and all that is seen is that access is denied.
            if (options.ApiKey?.Any(c => c is < ' ' or > '~') == true)
                errors.Refuse("TEMPORAL_API_KEY, or the api_key in temporal.toml, holds a line break or another "
                    + "character that no key has; "
                    + "give the key alone.");
            options.KeepAlive = new KeepAliveOptions { Interval = PingInterval, Timeout = PingTimeout };
            options.GrpcCompression = new GrpcCompression.None();
            // A batch up to its bound is meant to be that large.
            options.PayloadLimits = new PayloadLimitsOptions { PayloadsWarnSize = PipelineDefaults.BatchBytesLimit };
            return options;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IOException
            or UnauthorizedAccessException)
        {
            errors.Refuse(WithoutExcerpt(e.Message));
            return null;
        }
    }

    // Temporal's reader of TOML repeats the line that is wrong, behind a bar; it may hold a key.
    static string WithoutExcerpt(string message) => string.Join(' ', message.Split('\n', StringSplitOptions.TrimEntries
        | StringSplitOptions.RemoveEmptyEntries).Where(line => !line.Contains('|')).Select(ShownValue.Masked));

    /// <summary>
    /// The native core of Temporal's package, whose log lines go to a logger: by default it writes to the console. Each
    /// core has a thread for each processor and cannot be closed, so a process makes one.
    /// </summary>
    /// <param name="logger">Is called on the core's own threads.</param>
    /// <param name="meter">Takes the core's metrics, times in seconds; null: nobody does.</param>
    public static TemporalRuntime CreateRuntime(ILogger logger, ICustomMetricMeter? meter = null) =>
        new(new TemporalRuntimeOptions
    {
        Telemetry = new TelemetryOptions
        {
            Logging = new LoggingOptions { Filter = CoreFilter, Forwarding = new LogForwardingOptions(new CoreLogger(logger)) },
            Metrics = meter is null ? null : new MetricsOptions
            {
                CustomMetricMeter = meter,
                CustomMetricMeterOptions = new CustomMetricMeterOptions
                {
                    HistogramDurationFormat = CustomMetricMeterOptions.DurationFormat.FloatSeconds,
                },
            },
        },
    });

    /// <summary>Whether the connection is encrypted: a key alone turns that on.</summary>
    public static bool UsesTls(TemporalConnectionOptions options) =>
        options.Tls is { Disabled: false } || (options.ApiKey is not null && options.Tls is null);
}
