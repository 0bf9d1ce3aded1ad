namespace LogPipeline.Samples.Storefront;

/// <summary>
/// The files that the worker writes, seen from outside: how many lines came since this was made. Bytes are read once. For
/// one thread at a time.
/// </summary>
sealed class LogFiles
{
    readonly string _directory;
    readonly SortedDictionary<string, Seen> _seen = new(StringComparer.Ordinal);

    public LogFiles(string directory)
    {
        _directory = directory;
        foreach (var path in Paths()) _seen[path] = new Seen(new FileInfo(path).Length, 0);
    }

    /// <summary>Lines by file, without files that got none.</summary>
    public IEnumerable<(string Path, long Lines)> Files =>
        _seen.Where(file => file.Value.Lines > 0).Select(file => (file.Key, file.Value.Lines));

    public long CountLines()
    {
        foreach (var path in Paths()) _seen[path] = ReadOn(path, _seen.GetValueOrDefault(path));
        return _seen.Values.Sum(seen => seen.Lines);
    }

    public static string LastLine(string path)
    {
        using var reader = new StreamReader(Open(path));
        var last = "";
        while (reader.ReadLine() is { } line) last = line;
        return last;
    }

    static Seen ReadOn(string path, Seen seen)
    {
        using var file = Open(path);
        file.Position = seen.Offset;
        var buffer = new byte[64 * 1024];
        for (int read; (read = file.Read(buffer)) > 0;)
            seen = new Seen(seen.Offset + read, seen.Lines + buffer.AsSpan(0, read).Count((byte)'\n'));
        return seen;
    }

    static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    IEnumerable<string> Paths() =>
        Directory.Exists(_directory) ? Directory.EnumerateFiles(_directory, "*.clef", SearchOption.AllDirectories) : [];

    readonly record struct Seen(long Offset, long Lines);
}
