using System.Text.RegularExpressions;
using LogPipeline.Workflows.Configuration;
using LogPipeline.Workflows.Connecting;

namespace LogPipeline.Worker.Configuration;

/// <summary>
/// Everything that the worker was told, as variables: the environment's, and where it says nothing those of the file.
/// </summary>
sealed partial class WorkerSettings
{
    readonly IReadOnlyDictionary<string, string> _environment;
    readonly ConfigurationFile? _file;
    readonly Dictionary<string, string> _variables;

    /// <param name="environment">Variables that are set and not empty.</param>
    /// <param name="file">Null: there is none.</param>
    public WorkerSettings(IReadOnlyDictionary<string, string> environment, ConfigurationFile? file)
    {
        _environment = environment;
        _file = file;
        _variables = new Dictionary<string, string>(environment, StringComparer.Ordinal);
        if (file is null) return;
        foreach (var (variable, (_, text)) in file.Variables) _variables.TryAdd(variable, text);
    }

    /// <summary>Those that are set, by the environment or the file.</summary>
    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>Reads the process's environment, and the file.</summary>
    /// <param name="file">As <c>--config</c> names it; null: <c>logworker.json</c>, if it is there.</param>
    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public static WorkerSettings Load(string? file) => new(TemporalSettings.Variables(), ConfigurationFile.Read(file));

    public string? Get(string variable) => _variables.GetValueOrDefault(variable);

    /// <summary>
    /// Makes something of the settings; errors name the place in the file, and come with those of the file itself.
    /// </summary>
    /// <exception cref="ConfigurationException">Settings are wrong; it holds all errors.</exception>
    public T Read<T>(Func<IReadOnlyDictionary<string, string>, T> read)
    {
        IReadOnlyList<string> ofFile = _file?.Errors ?? [];
        T result;
        try
        {
            result = read(_variables);
        }
        catch (ConfigurationException e)
        {
            throw new ConfigurationException([.. ofFile, .. e.Errors.Select(Named)]);
        }
        if (ofFile.Count == 0) return result;
        (result as IDisposable)?.Dispose();
        throw new ConfigurationException(ofFile);
    }

    /// <summary>Where a variable's text comes from; null: nobody has set it.</summary>
    public string? SourceOf(string variable)
    {
        if (_environment.ContainsKey(variable)) return variable;
        return _file?.Variables.ContainsKey(variable) == true ? _file.Path : null;
    }

    /// <summary>The key in the file that sets a variable, if it is one that holds.</summary>
    public string? KeyOf(string variable) =>
        !_environment.ContainsKey(variable) && _file?.Variables.TryGetValue(variable, out var given) == true
            ? given.Key
            : null;

    // Those who read the variables know no file.
    string Named(string sentence) =>
        Variable().Replace(sentence, match => KeyOf(match.Value) is { } key ? $"{_file!.Path}: {key}" : match.Value);

    [GeneratedRegex(@"\b(?:LOG|TEMPORAL)_[A-Z0-9_]+\b", RegexOptions.NonBacktracking)]
    private static partial Regex Variable();
}
