using LogPipeline.DurableFiles;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

/// <summary>Batches and what became of them.</summary>
static class SomeBatch
{
    /// <summary>Records numbered from <paramref name="first"/>, one for each channel given.</summary>
    public static (LogBatchHeader Header, byte[] Array) Of(long first, params string[] channels)
    {
        var records = channels.Select((channel, i) => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(
            $$"""{"@t":"2026-11-21T10:00:00Z","@mt":"Event {{first + i}}","level":"info","channel":"{{channel}}","source":"shop","instance":"i1","seq":{{first + i}}}""")).ToList();
        var array = LogBatchRecords.Encode(records);
        return (new LogBatchHeader
        {
            Source = "shop", Instance = "i1", FirstSequence = first, LastSequence = first + channels.Length - 1,
            RecordCount = channels.Length, Bytes = array.Length,
            From = DateTimeOffset.UnixEpoch, To = DateTimeOffset.UnixEpoch,
            Levels = new Dictionary<string, int> { ["info"] = channels.Length },
            Channels = channels.GroupBy(c => c).ToDictionary(g => g.Key, g => g.Count()),
        }, array);
    }

    public static PreparedBatch Prepared(long first, params string[] channels)
    {
        var (header, array) = Of(first, channels);
        return BatchPreparer.Prepare(header, array);
    }

    /// <summary>All log files by name.</summary>
    public static SortedDictionary<string, string> Files(StoreDirectory root)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var channel in root.ListDirectories().Where(name => name != LedgerFiles.DirectoryName))
            foreach (var file in root.Directory(channel).List())
                files[$"{channel}/{file}"] =
                    Encoding.UTF8.GetString(LogPipeline.Tests.DurableFiles.StoreDirectoryExtensions.ReadAll(root.Directory(channel), file));
        return files;
    }

    /// <summary>The lines of a channel, files in their order. Each file must end with a line feed.</summary>
    public static List<string> Lines(StoreDirectory root, string channel)
    {
        var lines = new List<string>();
        foreach (var (name, text) in Files(root).Where(f => f.Key.StartsWith(channel + "/", StringComparison.Ordinal)))
        {
            if (text.Length == 0) continue;
            text[^1].ShouldBe('\n', $"{name} ends within a line");
            lines.AddRange(text[..^1].Split('\n'));
        }
        return lines;
    }

    /// <summary>The sequence numbers of a channel's lines; each line must be whole.</summary>
    public static List<long> Sequences(StoreDirectory root, string channel) =>
        [.. Lines(root, channel).Select(line =>
            RecordFacts.Read(Encoding.UTF8.GetBytes(line)).Sequence ?? throw new InvalidDataException(line))];

    /// <summary>The lines of a channel's directory.</summary>
    public static List<string> LinesOf(StoreDirectory channel) =>
        [.. channel.List().SelectMany(file =>
            Encoding.UTF8.GetString(LogPipeline.Tests.DurableFiles.StoreDirectoryExtensions.ReadAll(channel, file)).Split('\n')[..^1])];
}
