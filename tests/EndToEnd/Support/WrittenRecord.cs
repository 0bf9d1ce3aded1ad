using System.Text.Json;
using LogPipeline.Workflows;

namespace LogPipeline.EndToEnd.Support;

/// <summary>One line of the worker's files, read back.</summary>
sealed record WrittenRecord(string Channel, string Message, string Level, string Source, string Instance, long Sequence)
{
    /// <summary>The records of one channel, in the order of its files. Every line must be whole.</summary>
    public static IReadOnlyList<WrittenRecord> ReadChannel(string logDirectory, string channel)
    {
        var folder = Path.Combine(logDirectory, channel);
        if (!Directory.Exists(folder)) return [];
        return [.. Directory.GetFiles(folder, "*.clef").OrderBy(path => path, StringComparer.Ordinal).SelectMany(ReadFile)];
    }

    public static IReadOnlyList<WrittenRecord> ReadAll(string logDirectory) =>
        !Directory.Exists(logDirectory)
            ? [] : [.. Directory.GetDirectories(logDirectory).Order(StringComparer.Ordinal)
            .SelectMany(folder => ReadChannel(logDirectory, Path.GetFileName(folder)))];

    /// <summary>Line feeds in all files: how many records are there, without reading them.</summary>
    public static long CountLines(string logDirectory)
    {
        long lines = 0;
        if (!Directory.Exists(logDirectory)) return 0;
        foreach (var file in Directory.EnumerateFiles(logDirectory, "*.clef", SearchOption.AllDirectories))
            lines += ReadShared(file).AsSpan().Count((byte)'\n');
        return lines;
    }

    static IEnumerable<WrittenRecord> ReadFile(string path)
    {
        var text = Encoding.UTF8.GetString(ReadShared(path));
        if (text.Length == 0) yield break;
        text[^1].ShouldBe('\n', $"{path} ends in the middle of a line.");
        foreach (var line in text[..^1].Split('\n'))
        {
            using var json = JsonDocument.Parse(line);
            var root = json.RootElement;
            yield return new WrittenRecord(
                Text(root, RecordFields.Channel) ?? "",
                Text(root, "@m") ?? Text(root, "@mt") ?? "",
                Text(root, RecordFields.Level) ?? "",
                Text(root, RecordFields.Source) ?? "",
                Text(root, RecordFields.Instance) ?? "",
                root.GetProperty(RecordFields.Sequence).GetInt64());
        }
    }

    static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }

    static string? Text(JsonElement record, string name) => record.TryGetProperty(name, out var value) ? value.GetString() : null;
}
