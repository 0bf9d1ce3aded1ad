using System.Text;

namespace Temporalio.Common.EnvConfig;

/// <summary>
/// The file <c>temporal.toml</c>:
/// <code>
/// [profile.NAME]            address, namespace, api_key
/// [profile.NAME.tls]        disabled, server_name, {client_cert,client_key,server_ca_cert}_{path,data}, disable_host_verification
/// [profile.NAME.codec]      endpoint, auth (for the command line; not used here)
/// [profile.NAME.grpc_meta]  any header
/// </code>
/// </summary>
static class ConfigFile
{
    const int FileBytesMax = 1 << 20;

    /// <exception cref="InvalidOperationException">The file cannot be read or understood; the message says where.</exception>
    public static IReadOnlyDictionary<string, ClientEnvConfig.Profile> Load(DataSource? source, EnvVariables variables, bool strict)
    {
        var path = source is null ? variables.Get("TEMPORAL_CONFIG_FILE") ?? DefaultPath() : source.Path;
        var text = source?.Data is { } data ? Encoding.UTF8.GetString(data) : Read(path);
        if (string.IsNullOrWhiteSpace(text)) return new Dictionary<string, ClientEnvConfig.Profile>();
        var file = source?.Data is null ? path! : "the configuration";
        try
        {
            return Profiles(Toml.Parse(text), strict);
        }
        catch (TomlException e)
        {
            throw new InvalidOperationException($"Configuration loading error: {file}, line {e.Line}: {e.Message}", e);
        }
    }

    /// <summary>A header's name as metadata has it.</summary>
    public static string HeaderName(string key) => key.ToLowerInvariant().Replace('_', '-');

    static string? Read(string? path)
    {
        // A file that is not there is as good as an empty one.
        if (path is null || !File.Exists(path)) return null;
        try
        {
            var length = new FileInfo(path).Length;
            if (length > FileBytesMax)
                throw new InvalidOperationException($"Configuration loading error: {path} has {length} bytes; a configuration has at most {FileBytesMax}.");
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Configuration loading error: {path} cannot be read: {e.Message}", e);
        }
    }

    static string? DefaultPath()
    {
        var folder = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return folder.Length == 0 ? null : Path.Combine(folder, "temporalio", "temporal.toml");
    }

    static Dictionary<string, ClientEnvConfig.Profile> Profiles(TomlTable root, bool strict)
    {
        if (strict) root.OnlyHas("profile");
        var profiles = new Dictionary<string, ClientEnvConfig.Profile>();
        if (root.Table("profile") is not { } all) return profiles;
        foreach (var name in all.Keys) profiles[name] = ReadProfile(all.Table(name)!, strict);
        return profiles;
    }

    static ClientEnvConfig.Profile ReadProfile(TomlTable table, bool strict)
    {
        if (strict)
        {
            table.OnlyHas("address", "namespace", "api_key", "tls", "codec", "grpc_meta");
            table.Table("codec")?.OnlyHas("endpoint", "auth");
        }
        Dictionary<string, string>? meta = null;
        if (table.Table("grpc_meta") is { } headers)
            meta = headers.Keys.ToDictionary(HeaderName, key => headers.Text(key)!);
        return new(
            table.Text("address"), table.Text("namespace"), table.Text("api_key"),
            table.Table("tls") is { } tls ? ReadTls(tls, strict) : null,
            meta is { Count: > 0 } ? meta : null);
    }

    static ClientEnvConfig.Tls ReadTls(TomlTable table, bool strict)
    {
        if (strict)
            table.OnlyHas(
                "disabled", "server_name", "client_cert_path", "client_cert_data", "client_key_path", "client_key_data",
                "server_ca_cert_path", "server_ca_cert_data", "disable_host_verification");
        if (table.Bool("disable_host_verification") == true)
            throw new TomlException(
                table.LineOf("disable_host_verification"), "disable_host_verification cannot be used here; name the server's CA in server_ca_cert_path instead.");
        return new(
            table.Bool("disabled"), table.Text("server_name"),
            Source(table, "server_ca_cert"), Source(table, "client_cert"), Source(table, "client_key"));
    }

    static DataSource? Source(TomlTable table, string what)
    {
        var path = table.Text(what + "_path");
        var data = table.Text(what + "_data");
        if (path is { Length: > 0 } && data is { Length: > 0 })
            throw new TomlException(table.LineOf(what + "_data"), $"{what}_path and {what}_data are both set; leave one of them out.");
        return path is { Length: > 0 } ? DataSource.FromPath(path) : data is { Length: > 0 } ? DataSource.FromUTF8String(data) : null;
    }
}
