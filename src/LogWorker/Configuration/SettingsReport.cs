using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Configuration;

/// <summary>Every option, what holds and where it comes from. Secrets are not in it.</summary>
static class SettingsReport
{
    public const string Hidden = ShownValue.Hidden;

    const string TemporalPrefix = "TEMPORAL_";
    const string ChannelPrefix = "LOG_CHANNEL_";

    /// <param name="settings">What the worker was told.</param>
    /// <param name="temporal">Address and namespace that hold: <c>temporal.toml</c> may say them; null: not
    /// known.</param>
    public static IReadOnlyList<ShownOption> Of(WorkerSettings settings, (string Address, string Namespace)? temporal)
    {
        var shown = WorkerOption.All.Select(option => Of(option, settings, temporal)).ToList();
        var known = WorkerOption.All.Select(option => option.Variable).ToHashSet(StringComparer.Ordinal);
        // Those of single channels, and what Temporal's own tools read too, have no list.
        var others = settings.Variables.Keys.Where(variable => !known.Contains(variable) && IsOurs(variable));
        foreach (var variable in others.Order(StringComparer.Ordinal))
            shown.Add(Set(settings.KeyOf(variable) ?? "", variable, isSecret: false, settings));
        return shown;
    }

    static ShownOption Of(WorkerOption option, WorkerSettings settings, (string Address, string Namespace)? temporal)
    {
        if (settings.Get(option.Variable) is not null)
            return Set(option.Name, option.Variable, option.IsSecret, settings);
        var held = option.Variable switch
        {
            "TEMPORAL_ADDRESS" => temporal?.Address ?? option.Default,
            "TEMPORAL_NAMESPACE" => temporal?.Namespace ?? option.Default,
            _ => option.Default,
        };
        return new(option.Name, option.Variable, held, held == option.Default ? "default" : "temporal.toml");
    }

    static ShownOption Set(string name, string variable, bool isSecret, WorkerSettings settings) =>
        new(name, variable, Masked(variable, settings.Get(variable)!, isSecret), settings.SourceOf(variable)!);

    static bool IsOurs(string variable) =>
        variable.StartsWith(TemporalPrefix, StringComparison.Ordinal)
        || variable.StartsWith(ChannelPrefix, StringComparison.Ordinal);

    static string Masked(string variable, string text, bool isSecret)
    {
        // What is none by its name may hold one by mistake.
        var isHidden = isSecret || IsSecretOfTemporal(variable)
            || (variable == CodecVariables.KeysFile && !CodecVariables.IsNoKey(text));
        return isHidden ? Hidden : ShownValue.Masked(text);
    }

    // Keys, certificates in the variable itself, and headers, which may hold tokens.
    static bool IsSecretOfTemporal(string variable) =>
        variable.StartsWith(TemporalPrefix, StringComparison.Ordinal) && ShownValue.IsSecret(variable);
}
