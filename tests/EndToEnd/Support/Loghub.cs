using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd.Support;

/// <summary>
/// Real logs as input: six files of 2,000 lines each. A line is what stands between line feeds; a carriage return belongs
/// to it, and so does what follows the last line feed.
/// </summary>
static class Loghub
{
    public const int LineCount = 12_000;

    static readonly string Directory = Path.Combine(Repository.Shared, "data", "loghub");

    public static void SkipIfMissing()
    {
        RealServers.SkipIfMissing();
        Skip.IfNot(System.IO.Directory.Exists(Directory), $"The real logs are not here: {Directory} is missing.");
    }

    /// <summary>Lines by channel: <c>apache</c>, <c>hdfs</c>, and so on.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Channels() =>
        System.IO.Directory.GetFiles(Directory, "*_2k.log").OrderBy(path => path, StringComparer.Ordinal)
            .ToDictionary(path => Path.GetFileName(path).Replace("_2k.log", "", StringComparison.Ordinal).ToLowerInvariant(), Lines);

    /// <summary>All files line by line, one of each in turn: the channels' records come mixed, as an application's do.</summary>
    public static IEnumerable<(string Channel, string Line)> Mixed()
    {
        var channels = Channels();
        for (var i = 0; i < channels.Values.Max(lines => lines.Count); i++)
            foreach (var (channel, lines) in channels)
                if (i < lines.Count) yield return (channel, lines[i]);
    }

    static IReadOnlyList<string> Lines(string path)
    {
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        var lines = text.Split('\n');
        return text.EndsWith('\n') ? lines[..^1] : lines;
    }
}
