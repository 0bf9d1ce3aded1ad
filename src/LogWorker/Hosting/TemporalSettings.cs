using System.Collections;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Configuration;
using Temporalio.Client;
using Temporalio.Common.EnvConfig;

namespace LogPipeline.Worker.Hosting;

/// <summary>How Temporal is reached: its own <c>TEMPORAL_*</c> variables over a profile of <c>temporal.toml</c>, over our defaults.</summary>
static class TemporalSettings
{
    /// <summary>Adds what is wrong to the reader's errors and returns null.</summary>
    /// <param name="environment">Collects errors.</param>
    /// <param name="variables">All variables that are set and not empty.</param>
    public static TemporalClientConnectOptions? Read(EnvironmentReader environment, IReadOnlyDictionary<string, string> variables)
    {
        environment.ReadAddress("TEMPORAL_ADDRESS", PipelineDefaults.TemporalAddress);
        try
        {
            var connection = ClientEnvConfig.LoadClientConnectOptions(new ClientEnvConfig.ProfileLoadOptions { OverrideEnvVars = variables });
            if (string.IsNullOrEmpty(connection.TargetHost)) connection.TargetHost = PipelineDefaults.TemporalAddress;
            else if (!variables.ContainsKey("TEMPORAL_ADDRESS") && !OptionText.IsAddress(connection.TargetHost))
                environment.Refuse($"The address in temporal.toml was '{connection.TargetHost}'; use HOST:PORT, such as {PipelineDefaults.TemporalAddress}.");
            return connection;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IOException)
        {
            environment.Refuse(e.Message);
            return null;
        }
    }

    /// <summary>The process's variables; an empty one counts as unset.</summary>
    public static IReadOnlyDictionary<string, string> Variables()
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            if (variable is { Key: string name, Value: string { Length: > 0 } value }) variables[name] = value;
        return variables;
    }
}
