namespace LogPipeline.TestSupport;

/// <summary>A name's target on an <see cref="InMemoryDisk"/>.</summary>
abstract class MemoryNode
{
    public abstract void Restart(StoreCrash crash, Random? chance);
}

sealed class MemoryDirectoryNode : MemoryNode
{
    public SortedDictionary<string, MemoryNode> Entries { get; private set; } = new(StringComparer.Ordinal);
    SortedDictionary<string, MemoryNode> _durable = new(StringComparer.Ordinal);

    public string? Owner { get; set; }

    public void Sync() => _durable = new(Entries, StringComparer.Ordinal);

    /// <summary>The files in it and below it.</summary>
    public IEnumerable<(string Path, MemoryFileNode File, bool IsNameDurable)> Files(string path) =>
        Entries.SelectMany(entry => entry.Value switch
    {
        MemoryFileNode file => [($"{path}/{entry.Key}", file, _durable.GetValueOrDefault(entry.Key) == file)],
        MemoryDirectoryNode directory => directory.Files($"{path}/{entry.Key}"),
        _ => [],
    });

    public override void Restart(StoreCrash crash, Random? chance)
    {
        Owner = null;
        // Whether the system had written the names by itself is chance too.
        if (crash == StoreCrash.PowerCut && (chance is null || chance.Next(2) == 0)) Entries = new(_durable, StringComparer.Ordinal);
        foreach (var node in Entries.Values) node.Restart(crash, chance);
        if (crash == StoreCrash.PowerCut) Sync();
    }
}

/// <summary>A file as its readers see it, as it is on the disk, and the changes between the two.</summary>
sealed class MemoryFileNode : MemoryNode
{
    readonly List<Pending> _pending = [];
    readonly MemoryBytes _durable = new();

    public MemoryBytes Content { get; } = new();

    public int OpenCount { get; set; }

    public DateTimeOffset LastWritten { get; set; }

    public bool IsOpenForWriting { get; set; }

    public bool IsSynced => _pending.Count == 0;

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        Content.Write(bytes, offset);
        _pending.Add(new Pending(offset, bytes.ToArray()));
    }

    public void SetLength(long length)
    {
        Content.SetLength(length);
        _pending.Add(new Pending(length, null));
    }

    public void Sync()
    {
        foreach (var change in _pending) change.Apply(_durable, change.Bytes?.Length ?? 0);
        _pending.Clear();
    }

    /// <summary>The system drops the pages that it could not write: they are seen until the crash, and never become durable.</summary>
    public void FailSync() => _pending.Clear();

    public override void Restart(StoreCrash crash, Random? chance)
    {
        OpenCount = 0;
        IsOpenForWriting = false;
        if (crash != StoreCrash.PowerCut) return;
        foreach (var change in _pending)
        {
            var picked = chance?.Next(3) ?? 0;
            if (picked == 0) continue;
            var length = change.Bytes?.Length ?? 0;
            change.Apply(_durable, picked == 1 ? length : chance!.Next(length + 1));
        }
        _pending.Clear();
        Content.SetLength(0);
        Content.Write(_durable.Span, 0);
    }

    /// <summary>A write, or without bytes a new length.</summary>
    readonly record struct Pending(long Position, byte[]? Bytes)
    {
        public void Apply(MemoryBytes target, int count)
        {
            if (Bytes is null) target.SetLength(Position);
            else target.Write(Bytes.AsSpan(0, count), Position);
        }
    }
}

/// <summary>Bytes that grow; what is skipped reads as zeros.</summary>
sealed class MemoryBytes
{
    byte[] _bytes = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    public void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        if (bytes.Length == 0) return;
        var end = checked((int)offset + bytes.Length);
        if (end > Length) SetLength(end);
        bytes.CopyTo(_bytes.AsSpan((int)offset));
    }

    public void SetLength(long length)
    {
        var wanted = checked((int)length);
        if (wanted > _bytes.Length) Array.Resize(ref _bytes, Math.Max(wanted, _bytes.Length * 2));
        if (wanted < Length) _bytes.AsSpan(wanted, Length - wanted).Clear();
        Length = wanted;
    }
}
