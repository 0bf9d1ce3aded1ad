using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Worker.Cli.Send.Follow;

/// <summary>How a read of a growing file ended.</summary>
enum GrowingRead
{
    Bytes,
    Nothing,
    /// <summary>It does not hold any more what was read of it.</summary>
    Truncated,
}

/// <summary>One of the files that have the followed name one after the other: open, and read up to a place.</summary>
sealed class OpenedFile : IDisposable
{
    const int EndBytes = 4096;

    readonly SafeFileHandle _file;
    LineSplitter? _lines;

    public OpenedFile(SafeFileHandle file, FilePlace place)
    {
        _file = file;
        Identity = FileIdentity.Of(file);
        // Of a new file what it holds by now: from then on a truncation shows.
        Place = place with { Identity = Identity, Head = place.Head.Grown(file, RandomAccess.GetLength(file)) };
    }

    public FileIdentity? Identity { get; }

    /// <summary>Up to here its lines are sent.</summary>
    public FilePlace Place { get; private set; }

    public DateTimeOffset Written => new(File.GetLastWriteTimeUtc(_file), TimeSpan.Zero);

    public static byte[] BeginningOf(SafeFileHandle file)
    {
        var head = new byte[TextForm.HeadBytes];
        return head[..RandomAccess.Read(file, head, 0)];
    }

    /// <summary>Whether the file holds what was read of it up to the place.</summary>
    public static bool Holds(SafeFileHandle file, FilePlace place) =>
        RandomAccess.GetLength(file) >= place.Offset && place.Head.IsHeadOf(file);

    /// <summary>Whether another file begins with all that this one holds, as far as its two ends show.</summary>
    public bool IsCopyOf(SafeFileHandle other)
    {
        var length = RandomAccess.GetLength(_file);
        if (length == 0 || RandomAccess.GetLength(other) < length || !Place.Head.IsHeadOf(other)) return false;
        Span<byte> end = stackalloc byte[EndBytes];
        Span<byte> same = stackalloc byte[EndBytes];
        var at = Math.Max(0, length - EndBytes);
        return end[..RandomAccess.Read(_file, end, at)].SequenceEqual(
            same[..Math.Min((int)(length - at), RandomAccess.Read(other, same, at))]);
    }

    /// <summary>Reads a block behind what was read before.</summary>
    public GrowingRead Read()
    {
        if ((_lines ??= Begin(isAll: false)) is not { } lines)
            return Holds(_file, Place) ? GrowingRead.Nothing : GrowingRead.Truncated;
        var through = lines.ReadThrough;
        var count = RandomAccess.Read(_file, lines.Room().Span, through);
        // After the read: what was read must be of the file that was read before.
        if (!Holds(_file, Place with { Offset = through + count })) return GrowingRead.Truncated;
        if (count == 0) return GrowingRead.Nothing;
        lines.Filled(count);
        Place = Place with { Head = Place.Head.Grown(_file, through + count) };
        return GrowingRead.Bytes;
    }

    public bool TryTake(out InputLine line)
    {
        line = default;
        return _lines?.TryTake(out line) == true;
    }

    /// <summary>What stands behind the last line feed, when nothing more comes.</summary>
    public bool TryTakeRest(out InputLine line)
    {
        line = default;
        return (_lines ??= Begin(isAll: true)) is { } lines && lines.TryTakeRest(out line);
    }

    /// <summary>The place, with the last write that is known now.</summary>
    public FilePlace Note()
    {
        var written = Written;
        return Place = Place with { Seen = written > Place.Seen ? written : Place.Seen };
    }

    public long MarkOf(long offset) => Place.Mark + offset - Place.Offset;

    /// <summary>Everything up to there is sent.</summary>
    public void Sent(long offset) => Place = Place with { Offset = offset, Mark = MarkOf(offset) };

    /// <summary>A copy of it takes its place: what was read of it stays read.</summary>
    public OpenedFile GoOnIn(SafeFileHandle copy) => new(copy, Place) { _lines = _lines };

    public void Dispose() => _file.Dispose();

    /// <param name="isAll">Nothing more comes.</param>
    LineSplitter? Begin(bool isAll)
    {
        var head = new byte[4];
        var length = RandomAccess.Read(_file, head, 0);
        // A byte order mark may have begun.
        if (length == 0 || (length < head.Length && !isAll && head[0] is 0 or 0xEF or 0xFE or 0xFF)) return null;
        var form = TextForm.Of(head.AsSpan(0, length));
        return new LineSplitter(form, Math.Max(Place.Offset, form.MarkBytes));
    }
}
