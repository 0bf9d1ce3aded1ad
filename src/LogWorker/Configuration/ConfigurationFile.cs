using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;

namespace LogPipeline.Worker.Configuration;

/// <summary>What <c>logworker.json</c> says, as the variables that say the same.</summary>
sealed class ConfigurationFile
{
    /// <summary>In the working directory; there need be none.</summary>
    public const string DefaultPath = "logworker.json";

    const int BytesMax = 1024 * 1024;
    const string Help = "; 'logworker config show' names them all";
    const string Channels = "channels";

    /// <summary>
    /// Options of single channels: <c>channels.web-shop.format</c> is <c>LOG_CHANNEL_WEB_SHOP_FORMAT</c>.
    /// </summary>
    static readonly (string Name, string Suffix)[] OfChannel =
    [
        ("format", "FORMAT"), ("textTemplate", "TEXT_TEMPLATE"), ("levelMin", "LEVEL_MIN"),
        ("retentionAge", "RETENTION_AGE"), ("retentionFiles", "RETENTION_FILES"),
    ];

    readonly Dictionary<string, (string Key, string Text)> _variables = new(StringComparer.Ordinal);
    readonly List<string> _errors = [];

    ConfigurationFile(string path) => Path = path;

    /// <summary>As it was named.</summary>
    public string Path { get; }

    /// <summary>By the variable: the key and the text, which is not empty.</summary>
    public IReadOnlyDictionary<string, (string Key, string Text)> Variables => _variables;

    /// <summary>A sentence for each key that is wrong.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <param name="path">Null: <see cref="DefaultPath"/>, if it is there.</param>
    /// <returns>Null: there is no file.</returns>
    /// <exception cref="ConfigurationException">It cannot be read, or is not JSON.</exception>
    public static ConfigurationFile? Read(string? path)
    {
        if (path is null && !File.Exists(DefaultPath)) return null;
        var file = new ConfigurationFile(path ?? DefaultPath);
        foreach (var section in Parse(file.Path).GetChildren()) file.Add(section);
        return file;
    }

    static IConfigurationRoot Parse(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > BytesMax)
                throw new ConfigurationException(
                    $"{path} has {stream.Length} bytes; use a file of {BytesMax} bytes at most.");
            return new ConfigurationBuilder().AddJsonStream(stream).Build();
        }
        catch (FileNotFoundException)
        {
            throw new ConfigurationException(
                $"There is no file '{path}'; name the worker's configuration with --config.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ConfigurationException(
                $"{path} cannot be read by user {CurrentUser.Name}: {e.Message.TrimEnd('.')}.");
        }
        catch (JsonException e)
        {
            var what = e.Message.Split(" LineNumber:")[0].Split(" Path:")[0].TrimEnd('.');
            throw new ConfigurationException(
                $"{path} is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {what}.");
        }
        catch (FormatException e)
        {
            throw new ConfigurationException($"{path}: {e.Message}");
        }
    }

    void Add(IConfigurationSection section)
    {
        foreach (var child in section.GetChildren()) Add(child);
        // What has no text of its own is a group.
        if (section.Value is not { } text) return;
        var key = section.Path.Replace(':', '.');
        if (VariableOf(section.Path) is not { } variable)
            _errors.Add(OptionNames.Unknown($"{Path}: ", key, KnownBeside(section.Path), help: Help));
        else if (text.Length > 0 && !_variables.TryAdd(variable, (key, text)))
            _errors.Add($"{Path}: {key} is given as {_variables[variable].Key} too; give it once.");
    }

    static string? VariableOf(string path)
    {
        if (path.Split(':') is [var group, var channel, var name] && IsChannels(group))
            return VariableOf(channel, name);
        var key = path.Replace(':', '.');
        return WorkerOption.All
            .FirstOrDefault(option => option.Name.Equals(key, StringComparison.OrdinalIgnoreCase))?.Variable;
    }

    static string? VariableOf(string channel, string option)
    {
        var (_, suffix) = Array.Find(OfChannel, one => one.Name.Equals(option, StringComparison.OrdinalIgnoreCase));
        var capitals = channel.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_');
        return suffix is null ? null : $"LOG_CHANNEL_{string.Concat(capitals)}_{suffix}";
    }

    static List<string> KnownBeside(string path)
    {
        var known = WorkerOption.All.Select(option => option.Name).ToList();
        if (path.Split(':') is [var group, var channel, ..] && IsChannels(group))
            known.AddRange(OfChannel.Select(option => $"{Channels}.{channel}.{option.Name}"));
        return known;
    }

    static bool IsChannels(string group) => group.Equals(Channels, StringComparison.OrdinalIgnoreCase);
}
