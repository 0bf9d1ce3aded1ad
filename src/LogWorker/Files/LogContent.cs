using System.Buffers.Binary;
using System.IO.Compression;
using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Files;

/// <summary>
/// What a log file holds, whether it is plain or compressed, by the offsets of the plain one. Reading forward is cheap.
/// </summary>
sealed class LogContent : IDisposable
{
    // The end of the gzip format: the length in four bytes. The compressor takes no longer file.
    const int LengthBytes = 4;

    const int BlockLength = 256 * 1024;

    // Longest line that is read as one; a longer one is no record of the pipeline.
    const int LineBytesMax = 16 * 1024 * 1024;

    readonly StoreFile _file;
    readonly bool _isCompressed;
    readonly bool _isOwner;
    GZipStream? _unpacked;
    long _position;

    LogContent(StoreFile file, bool isCompressed, bool isOwner = true) =>
        (_file, _isCompressed, _isOwner, Length) = (file, isCompressed, isOwner,
            isCompressed ? LengthIn(file) : file.Length);

    public bool IsCompressed => _isCompressed;

    /// <summary>The length when it was opened.</summary>
    public long Length { get; }

    /// <summary>Reading has come to bytes that are no gzip.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>The plain file, if it is there; else the compressed one. Null: neither is.</summary>
    public static LogContent? TryOpen(StoreDirectory root, LogFileName name)
    {
        if (root.EntryOf(name.Channel.ToString()) != StoreEntry.Directory) return null;
        var directory = root.Directory(name.Channel.ToString());
        // In this order: a compressed one is there before the plain one goes.
        if (Open(directory, name.FileName) is { } plain) return new LogContent(plain, isCompressed: false);
        return Open(directory, name.CompressedName) is { } compressed
            ? new LogContent(compressed, isCompressed: true) : null;
    }

    /// <summary>Of a compressed file that is open and stays so.</summary>
    public static LogContent OfCompressed(StoreFile file) => new(file, isCompressed: true, isOwner: false);

    /// <summary>Fills the buffer from an offset; fewer bytes only where the file ends or its damage begins.</summary>
    public int Read(Span<byte> buffer, long offset)
    {
        if (!_isCompressed) return _file.Read(buffer, offset);
        try
        {
            if (_unpacked is null || offset < _position) Rewind();
            Span<byte> skipped = stackalloc byte[4096];
            while (_position < offset)
            {
                var read = Next(skipped[..(int)Math.Min(skipped.Length, offset - _position)]);
                if (read == 0) return 0;
            }
            return Next(buffer);
        }
        catch (InvalidDataException)
        {
            IsDamaged = true;
            Rewind();
            return 0;
        }
    }

    /// <summary>Another file has the name by now, as when this one was removed and the worker began it anew.</summary>
    public bool IsReplacedIn(StoreDirectory directory) =>
        !_isCompressed && directory.EntryOf(_file.Name) == StoreEntry.File && !directory.Holds(_file);

    /// <summary>Reads the lines of the first bytes, block by block.</summary>
    /// <param name="length">How many bytes.</param>
    /// <param name="onLine">Receives each line's offset, its bytes, and whether a line feed ends it.</param>
    public void ReadLines(long length, Action<long, ReadOnlySpan<byte>, bool> onLine)
    {
        var buffer = new byte[BlockLength];
        var (held, offset) = (0, 0L);
        for (var position = 0L; position < length;)
        {
            if (held == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
            var wanted = (int)Math.Min(buffer.Length - held, length - position);
            var read = Read(buffer.AsSpan(held, wanted), position);
            if (read == 0) break;
            position += read;
            held += read;
            var rest = buffer.AsSpan(0, held);
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                onLine(offset, rest[..end], true);
                offset += end + 1;
            }
            if (rest.Length > LineBytesMax)
            {
                onLine(offset, rest, false);
                offset += rest.Length;
                rest = [];
            }
            rest.CopyTo(buffer);
            held = rest.Length;
        }
        if (held > 0) onLine(offset, buffer.AsSpan(0, held), false);
    }

    public void Dispose()
    {
        _unpacked?.Dispose();
        if (_isOwner) _file.Dispose();
    }

    void Rewind()
    {
        _unpacked?.Dispose();
        _unpacked = new GZipStream(new StoreFileStream(_file, 0), CompressionMode.Decompress);
        _position = 0;
    }

    int Next(Span<byte> buffer)
    {
        var read = _unpacked!.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        _position += read;
        return read;
    }

    static StoreFile? Open(StoreDirectory directory, string name)
    {
        if (directory.EntryOf(name) != StoreEntry.File) return null;
        try
        {
            return directory.Open(name, StoreOpen.Read);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    static long LengthIn(StoreFile file)
    {
        Span<byte> bytes = stackalloc byte[LengthBytes];
        return file.Length >= LengthBytes && file.Read(bytes, file.Length - LengthBytes) == LengthBytes
            ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
    }
}
