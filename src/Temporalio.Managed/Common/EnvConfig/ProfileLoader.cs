namespace Temporalio.Common.EnvConfig;

/// <summary>Finds a profile and puts the variables over it.</summary>
static class ProfileLoader
{
    const string DefaultProfile = "default";

    public static ClientEnvConfig.Profile Load(ClientEnvConfig.ProfileLoadOptions options)
    {
        if (options is { DisableFile: true, DisableEnv: true })
            throw Error("DisableFile and DisableEnv were both set; leave one of them out.");
        var variables = new EnvVariables(options.OverrideEnvVars);
        var profile = options.DisableFile ? new() : FromFile(options, variables);
        return options.DisableEnv ? profile : WithVariables(profile, variables);
    }

    static ClientEnvConfig.Profile FromFile(ClientEnvConfig.ProfileLoadOptions options, EnvVariables variables)
    {
        var profiles = ConfigFile.Load(options.ConfigSource, variables, options.ConfigFileStrict);
        var name = options.Profile ?? (options.DisableEnv ? null : variables.Get("TEMPORAL_PROFILE"));
        if (profiles.TryGetValue(name ?? DefaultProfile, out var profile)) return profile;
        if (name is null) return new();
        throw Error($"there is no profile '{name}'; " + (profiles.Count == 0
            ? "no configuration file was found, or it has no profiles."
            : $"the file has {string.Join(", ", profiles.Keys.Order(StringComparer.Ordinal))}."));
    }

    static ClientEnvConfig.Profile WithVariables(ClientEnvConfig.Profile profile, EnvVariables variables) => profile with
    {
        Address = variables.Get("TEMPORAL_ADDRESS") ?? profile.Address,
        Namespace = variables.Get("TEMPORAL_NAMESPACE") ?? profile.Namespace,
        ApiKey = variables.Get("TEMPORAL_API_KEY") ?? profile.ApiKey,
        Tls = WithVariables(profile.Tls, variables),
        GrpcMeta = WithVariables(profile.GrpcMeta, variables),
    };

    static ClientEnvConfig.Tls? WithVariables(ClientEnvConfig.Tls? tls, EnvVariables variables)
    {
        var on = variables.GetBool("TEMPORAL_TLS");
        var name = variables.Get("TEMPORAL_TLS_SERVER_NAME");
        var certificate = Source("CLIENT_CERT", tls?.ClientCert, variables);
        var key = Source("CLIENT_KEY", tls?.ClientPrivateKey, variables);
        var ca = Source("SERVER_CA_CERT", tls?.ServerRootCACert, variables);
        // The official .NET SDK has no such option either; saying nothing would leave a connection that fails for no visible reason.
        if (variables.GetBool("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION") == true)
            throw Error("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION cannot be used here; name the server's CA in TEMPORAL_TLS_SERVER_CA_CERT_PATH instead.");
        if (tls is null && on is null && name is null && certificate is null && key is null && ca is null) return null;
        tls ??= new();
        return tls with
        {
            Disabled = on is { } value ? !value : tls.Disabled,
            ServerName = name ?? tls.ServerName,
            ClientCert = certificate,
            ClientPrivateKey = key,
            ServerRootCACert = ca,
        };
    }

    static DataSource? Source(string what, DataSource? fromFile, EnvVariables variables)
    {
        string pathName = $"TEMPORAL_TLS_{what}_PATH", dataName = $"TEMPORAL_TLS_{what}_DATA";
        var path = variables.Get(pathName);
        var data = variables.Get(dataName);
        if (path is not null && data is not null) throw Error($"{pathName} and {dataName} were both set; leave one of them out.");
        if (path is not null && fromFile?.Data is not null) throw Error($"{pathName} was set, but the profile has the data itself; leave one of them out.");
        if (data is not null && fromFile?.Path is not null) throw Error($"{dataName} was set, but the profile names a file; leave one of them out.");
        return path is not null ? DataSource.FromPath(path) : data is not null ? DataSource.FromUTF8String(data) : fromFile;
    }

    static IReadOnlyDictionary<string, string>? WithVariables(IReadOnlyDictionary<string, string>? meta, EnvVariables variables)
    {
        var all = meta is null ? [] : new Dictionary<string, string>(meta);
        foreach (var (name, value) in variables.StartingWith("TEMPORAL_GRPC_META_"))
        {
            var key = ConfigFile.HeaderName(name);
            if (value.Length == 0) all.Remove(key);
            else all[key] = value;
        }
        return all.Count == 0 ? null : all;
    }

    static InvalidOperationException Error(string what) => new("Configuration loading error: " + what);
}
