using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Workflows.Codecs;

/// <summary>The variables that say how payloads are encoded; publisher and worker read the same ones.</summary>
static class CodecVariables
{
    public const string Keys = "LOG_ENCRYPTION_KEYS";
    public const string KeysFile = "LOG_ENCRYPTION_KEYS_FILE";
    public const string KeyId = "LOG_ENCRYPTION_KEY_ID";
    public const string Required = "LOG_ENCRYPTION_REQUIRED";
    public const string GzipBytesMin = "LOG_GZIP_BYTES_MIN";

    const int KeysFileLengthMax = 64 * 1024;

    public static IReadOnlyList<string> All { get; } = [Keys, KeysFile, KeyId, GzipBytesMin];

    /// <summary>The size from which payloads are compressed; 0: never.</summary>
    public static int ReadGzip(EnvironmentReader environment, long byDefault) =>
        (int)environment.ReadBytes(GzipBytesMin, byDefault, 0, PipelineDefaults.BatchBytesLimit);

    /// <summary>Whether a worker refuses what is not encrypted; it takes keys.</summary>
    public static bool ReadRequired(EnvironmentReader environment, KeyRing keys)
    {
        var isRequired = environment.ReadSwitch(Required, false);
        if (isRequired && keys.IsEmpty && environment.ReadText(Keys) is null && environment.ReadText(KeysFile) is null)
            environment.Refuse($"{Required} is set and there are no keys; set {Keys} or {KeysFile} too.");
        return isRequired;
    }

    /// <summary>The keys; what is wrong is in the reader's errors.</summary>
    /// <param name="byCode">Those that hold when no variable names keys.</param>
    public static KeyRing ReadKeys(EnvironmentReader environment, Func<string, string> readText, KeyRing? byCode = null)
    {
        var id = environment.ReadText(KeyId);
        var inline = environment.ReadText(Keys);
        var path = environment.ReadText(KeysFile);
        if (inline is not null && path is not null)
            environment.Refuse($"{Keys} and {KeysFile} are both set; set one of them.");
        else if (inline is not null) return Parse(environment, Keys, inline, id);
        else if (path is not null) return ReadFile(environment, path, id, readText);
        else if (id is not null && byCode?.EncryptingWith(id) is { } chosen) return chosen;
        else if (id is not null)
            environment.Refuse(KeyId, id, $"set {Keys} or {KeysFile} to keys of which one has this id");
        return byCode ?? KeyRing.Empty;
    }

    static KeyRing Parse(EnvironmentReader environment, string where, string text, string? id)
    {
        if (KeyRing.TryParse(text, id, out var errors) is { } keys) return keys;
        foreach (var error in errors) environment.Refuse($"{where}: {error}");
        return KeyRing.Empty;
    }

    static KeyRing ReadFile(EnvironmentReader environment, string path, string? id, Func<string, string> readText)
    {
        try
        {
            var text = readText(path);
            if (text.Length <= KeysFileLengthMax)
                return Parse(environment, $"{KeysFile} '{ShownValue.Masked(path)}'", text, id);
            environment.Refuse(KeysFile, path, $"use a file of {KeysFileLengthMax} characters at most");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException
            or NotSupportedException)
        {
            // The system's message repeats the name, which is a key where somebody took one variable for the other.
            if (IsNoKey(path))
                environment.Refuse(KeysFile, path, $"use a file that this user may read ({e.Message.TrimEnd('.')})");
            else
                environment.Refuse($"{KeysFile} is no file's name, and may be keys; give those as {Keys}.");
        }
        return KeyRing.Empty;
    }

    /// <summary>Whether the text may be shown as a file's name.</summary>
    public static bool IsNoKey(string path) =>
        (Path.IsPathRooted(path) || !path.Contains(':')) && ShownValue.Masked(path) == path;
}
