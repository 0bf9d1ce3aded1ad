using System.Collections;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using Temporalio.Client;
using Temporalio.Common.EnvConfig;

namespace LogPipeline.Publisher.Options;

/// <summary>How to reach Temporal: its own variables and <c>temporal.toml</c>, with what code gave where they say nothing.</summary>
static class TemporalConnect
{
    /// <summary>Temporal's variables; those for headers are found by their prefix when the process's environment is read.</summary>
    static readonly string[] Variables =
    [
        "TEMPORAL_CONFIG_FILE", "TEMPORAL_PROFILE", "TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_TLS",
        "TEMPORAL_TLS_CLIENT_CERT_PATH", "TEMPORAL_TLS_CLIENT_CERT_DATA", "TEMPORAL_TLS_CLIENT_KEY_PATH", "TEMPORAL_TLS_CLIENT_KEY_DATA",
        "TEMPORAL_TLS_SERVER_CA_CERT_PATH", "TEMPORAL_TLS_SERVER_CA_CERT_DATA", "TEMPORAL_TLS_SERVER_NAME", "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION",
    ];

    /// <param name="settled">Options after the environment was read.</param>
    /// <param name="get">Where variables come from; null: the process's environment.</param>
    /// <exception cref="ConfigurationException">A variable, a file it names or <c>temporal.toml</c> is wrong.</exception>
    public static TemporalClientConnectOptions Options(TemporalSinkOptions settled, Func<string, string?>? get)
    {
        try
        {
            var options = ClientEnvConfig.LoadClientConnectOptions(new ClientEnvConfig.ProfileLoadOptions { OverrideEnvVars = VariablesOf(get) });
            options.TargetHost = settled.Address ?? options.TargetHost ?? PipelineDefaults.TemporalAddress;
            options.Namespace = settled.Namespace ?? options.Namespace;
            var codec = PipelineCodec.Converter(settled.EncryptionKeys ?? KeyRing.Empty, (int)settled.GzipBytesMin);
            options.DataConverter = codec with { PayloadConverter = new PublisherJson.PayloadConverter() };
            return options;
        }
        catch (InvalidOperationException e)
        {
            throw new ConfigurationException(e.Message);
        }
    }

    /// <summary>Without empty ones: Temporal's own reader takes an empty TEMPORAL_API_KEY for a key and turns TLS on.</summary>
    static Dictionary<string, string> VariablesOf(Func<string, string?>? get)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        if (get is not null)
        {
            foreach (var name in Variables)
                if (get(name) is { Length: > 0 } value) variables[name] = value;
            return variables;
        }
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if (variable is { Key: string name, Value: string { Length: > 0 } value }) variables[name] = value;
        return variables;
    }
}
