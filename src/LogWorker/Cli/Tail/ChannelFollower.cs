using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>Reads what is appended to a channel, from file to file.</summary>
/// <param name="from">Where to begin; null: at the beginning of its first file, which is yet to come.</param>
sealed class ChannelFollower(StoreDirectory root, ChannelName channel, (LogFileName File, long Offset)? from, TailQuery query,
    TailNotices notices, TimeProvider time, CancellationToken stop) : IDisposable
{
    // Above two lines of the longest, so that what was read of half of it ended with the file.
    const long RoundBytesMax = 2 * WholeLines.LineBytesMax + 1;

    LogFileName? _name;
    LogContent? _content;
    WholeLines? _lines;
    FileRecords? _records;

    /// <summary>What is there by now, or a first part of it. It is to be read to its end.</summary>
    public IEnumerable<TailedRecord> Read()
    {
        if (_content is null && !TryOpen(from?.File, from?.Offset ?? 0) && !TryOpen(Next(from?.File), 0)) yield break;
        while (true)
        {
            // Asked before the file is read to its end: behind that nothing is added to it any more.
            var next = Next(_name);
            var isReplaced = root.EntryOf(channel.ToString()) == StoreEntry.Directory
                && _content!.IsReplacedIn(root.Directory(channel.ToString()));
            var begin = _lines!.Offset;
            foreach (var record in _records!.Forward(_lines, begin + RoundBytesMax)) yield return record;
            if (_lines.Offset - begin > WholeLines.LineBytesMax || !TryOpen(isReplaced ? _name : next, 0)) yield break;
        }
    }

    public void Dispose() => _content?.Dispose();

    LogFileName? Next(LogFileName? behind)
    {
        foreach (var file in StoredLogFile.Of(root, channel))
            if (behind is null || file.Name.CompareTo(behind.Value) > 0) return file.Name;
        return null;
    }

    bool TryOpen(LogFileName? name, long offset)
    {
        if (name is not { } file || LogContent.TryOpen(root, file) is not { } content) return false;
        _content?.Dispose();
        (_name, _content, _lines) = (file, content, new WholeLines(content, offset));
        _records = new FileRecords(content, file, query, time.GetUtcNow(), notices, stop);
        return true;
    }
}
