using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>The records of a channel that were there when this was made, in all its files.</summary>
sealed class ChannelRecords
{
    readonly StoreDirectory _root;
    readonly TailQuery _query;
    readonly TailNotices _notices;
    readonly CancellationToken _stop;
    readonly IReadOnlyList<StoredLogFile> _files;

    public ChannelRecords(StoreDirectory root, ChannelName channel, TailQuery query, TailNotices notices, CancellationToken stop)
    {
        (_root, _query, _notices, _stop) = (root, query, notices, stop);
        _files = StoredLogFile.Of(root, channel);
        if (_files.Count == 0) return;
        using var newest = LogContent.TryOpen(root, _files[^1].Name);
        if (newest is not null) End = (_files[^1].Name, EndOf(newest));
    }

    /// <summary>Where records begin that came later; null: the channel had no file.</summary>
    public (LogFileName File, long Offset)? End { get; }

    /// <summary>Oldest first.</summary>
    public IEnumerable<TailedRecord> Forward() => _files.SelectMany(file => Of(file, (records, content, end) =>
        records.Forward(new WholeLines(content, 0), end)));

    /// <summary>Newest first.</summary>
    /// <param name="countMax">More are not asked for.</param>
    public IEnumerable<TailedRecord> Backward(int countMax) => _files.Reverse().SelectMany(file => Of(file, (records, _, end) =>
        records.Backward(end, countMax)));

    IEnumerable<TailedRecord> Of(StoredLogFile file, Func<FileRecords, LogContent, long, IEnumerable<TailedRecord>> read)
    {
        // An event is not later than its line: a file that was written before has none.
        if (LastWritten(file) is not { } lastWritten || lastWritten < _query.Since) yield break;
        // Retention may have taken it meanwhile.
        using var content = LogContent.TryOpen(_root, file.Name);
        if (content is null) yield break;
        var end = file.Name == End?.File ? End.Value.Offset : EndOf(content);
        var records = new FileRecords(content, file.Name, _query, lastWritten, _notices, _stop);
        foreach (var record in read(records, content, end)) yield return record;
        if (content.IsDamaged) _notices.Say($"{file.Name.Channel}/{file.Name.CompressedName} is damaged; what stands behind is not shown.");
    }

    static long EndOf(LogContent content) => content.IsCompressed ? content.Length : BackwardLines.WholeEnd(content);

    DateTimeOffset? LastWritten(StoredLogFile file)
    {
        var directory = _root.Directory(file.Name.Channel.ToString());
        foreach (var name in (string[])[file.Name.FileName, file.Name.CompressedName])
        {
            try
            {
                return directory.LastWritten(name);
            }
            catch (FileNotFoundException)
            {
                // Under the other name, or gone.
            }
        }
        return null;
    }
}
