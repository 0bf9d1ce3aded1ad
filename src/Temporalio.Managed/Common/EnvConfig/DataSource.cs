using System.Text;

namespace Temporalio.Common.EnvConfig;

/// <summary>Data of a configuration, or the file that holds them.</summary>
public sealed class DataSource
{
    DataSource()
    {
    }

    /// <summary>Null for data given directly.</summary>
    public string? Path { get; private init; }

    /// <summary>Null for a file.</summary>
    public byte[]? Data { get; private init; }

    /// <exception cref="ArgumentException">The path is empty.</exception>
    public static DataSource FromPath(string path) =>
        string.IsNullOrEmpty(path) ? throw new ArgumentException("Path cannot be null or empty", nameof(path)) : new() { Path = path };

    /// <exception cref="ArgumentException">The text is null.</exception>
    public static DataSource FromUTF8String(string content) =>
        content is null ? throw new ArgumentException("Content cannot be null", nameof(content)) : new() { Data = Encoding.UTF8.GetBytes(content) };

    /// <exception cref="ArgumentException">There are no bytes.</exception>
    public static DataSource FromBytes(byte[] data) =>
        data is not { Length: > 0 } ? throw new ArgumentException("Data cannot be null or empty", nameof(data)) : new() { Data = data };

    /// <summary>From a dictionary with the key <c>data</c> or <c>path</c>; null without either.</summary>
    public static DataSource? FromDictionary(IReadOnlyDictionary<string, string>? dictionary)
    {
        if (dictionary is null) return null;
        if (dictionary.TryGetValue("data", out var data)) return FromUTF8String(data);
        return dictionary.TryGetValue("path", out var path) ? FromPath(path) : null;
    }

    /// <summary>The data; a file is read each time.</summary>
    public byte[]? GetBytes() => Data ?? (string.IsNullOrEmpty(Path) ? null : File.ReadAllBytes(Path));

    /// <summary>A dictionary with the key <c>data</c> or <c>path</c>.</summary>
    public Dictionary<string, string>? ToDictionary() =>
        !string.IsNullOrEmpty(Path) ? new() { ["path"] = Path }
        : Data is not null ? new() { ["data"] = Encoding.UTF8.GetString(Data) }
        : null;
}
