using Temporalio.Client;

namespace Temporalio.Common.EnvConfig;

/// <summary>
/// What Temporal's programs are configured with: profiles in <c>temporal.toml</c>, and <c>TEMPORAL_*</c> variables over
/// them. Unlike in the official SDKs an empty variable counts as unset, because container tools set variables that way.
/// </summary>
/// <param name="Profiles">By name.</param>
public sealed partial record ClientEnvConfig(IReadOnlyDictionary<string, ClientEnvConfig.Profile> Profiles)
{
    /// <summary>All profiles of the file, without the variables. No file: no profiles.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be understood; the message says where.</exception>
    public static ClientEnvConfig Load(ConfigLoadOptions? options = null)
    {
        options ??= new();
        return new(ConfigFile.Load(options.ConfigSource, new EnvVariables(options.OverrideEnvVars), options.ConfigFileStrict));
    }

    /// <summary>Options of a client from one profile and the variables. The target host is null when neither names one.</summary>
    /// <exception cref="InvalidOperationException">File, profile or variables cannot be used; the message says which.</exception>
    public static TemporalClientConnectOptions LoadClientConnectOptions(ProfileLoadOptions? options = null) =>
        Profile.Load(options).ToClientConnectionOptions();

    /// <summary>From dictionaries as <see cref="ToDictionary"/> makes them.</summary>
    public static ClientEnvConfig FromDictionary(IReadOnlyDictionary<string, Dictionary<string, object>> profileDictionaries) =>
        new(profileDictionaries.ToDictionary(pair => pair.Key, pair => Profile.FromDictionary(pair.Value)));

    /// <summary>Dictionaries in the shape of the file.</summary>
    public IReadOnlyDictionary<string, Dictionary<string, object>> ToDictionary() =>
        Profiles.ToDictionary(pair => pair.Key, pair => pair.Value.ToDictionary());

    /// <summary>Where one profile is loaded from.</summary>
    public class ProfileLoadOptions : ICloneable
    {
        /// <summary>Null: <c>TEMPORAL_PROFILE</c>, else <c>default</c>.</summary>
        public string? Profile { get; set; }

        /// <summary>Null: <c>TEMPORAL_CONFIG_FILE</c>, else <c>temporalio/temporal.toml</c> in the user's configuration directory.</summary>
        public DataSource? ConfigSource { get; set; }

        /// <summary>Only the variables.</summary>
        public bool DisableFile { get; set; }

        /// <summary>Only the file.</summary>
        public bool DisableEnv { get; set; }

        /// <summary>Refuse keys that nobody knows.</summary>
        public bool ConfigFileStrict { get; set; }

        /// <summary>In place of the process's variables.</summary>
        public IReadOnlyDictionary<string, string>? OverrideEnvVars { get; set; }

        /// <summary>A shallow copy.</summary>
        public virtual object Clone() => MemberwiseClone();
    }

    /// <summary>Where all profiles are loaded from.</summary>
    public class ConfigLoadOptions : ICloneable
    {
        /// <inheritdoc cref="ProfileLoadOptions.ConfigSource"/>
        public DataSource? ConfigSource { get; set; }

        /// <inheritdoc cref="ProfileLoadOptions.ConfigFileStrict"/>
        public bool ConfigFileStrict { get; set; }

        /// <inheritdoc cref="ProfileLoadOptions.OverrideEnvVars"/>
        public IReadOnlyDictionary<string, string>? OverrideEnvVars { get; set; }

        /// <summary>A shallow copy.</summary>
        public virtual object Clone() => MemberwiseClone();
    }
}
