using System.IO.Compression;
using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Files;

// A closed file becomes compressed in four steps, and a kill between any two is harmless:
//
//   1. <name>.gz.tmp is written, synced, and read back: it must give the original's bytes
//   2. it is dated as the original, by which its age counts, and renamed to <name>.gz
//   3. in the writer's loop, if the original is still as long as it was when it was read: it is removed
//   4. otherwise the compressed one is, as another program wrote to the original
//
// Where both are there the original counts, and the steps are done again. Offsets in the ledger stay those in the plain
// file.

/// <summary>
/// Compresses files that nothing is added to any more. A file of 4 GiB or more stays: the format holds no such length.
/// </summary>
sealed class FileCompressor(StoreDirectory root, long freeBytesMin)
{
    const int BlockLength = 128 * 1024;
    const long LengthMax = uint.MaxValue;

    /// <summary>
    /// Steps 1 and 2, for all closed files whose last line is older than an age. Runs beside the writer's loop.
    /// </summary>
    /// <returns>What was compressed, and the error that ended it early.</returns>
    public (IReadOnlyList<CompressedFile> Files, Exception? Error) Run(TimeSpan age, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var done = new List<CompressedFile>();
        try
        {
            foreach (var channel in StoredLogFile.Channels(root))
            {
                RemoveUnfinished(channel);
                var files = StoredLogFile.Of(root, channel);
                for (var i = 0; i < files.Count; i++)
                {
                    var isOpen = i == files.Count - 1 && files[i].Name.Day >= DateOnly.FromDateTime(now.UtcDateTime);
                    if (cancellationToken.IsCancellationRequested) return (done, null);
                    if (files[i].IsPlain && !isOpen
                        && Compress(files[i].Name, now - age, cancellationToken) is { } file) done.Add(file);
                }
            }
            return (done, null);
        }
        catch (Exception e)
        {
            // The edge of a task of its own. Going on is right, as the originals are untouched and the next pass begins
            // anew.
            return (done, e);
        }
    }

    /// <summary>Steps 3 and 4. In the writer's loop.</summary>
    /// <param name="file">What was compressed.</param>
    /// <param name="close">Called before the original is removed.</param>
    /// <returns>False: the compressed file was removed.</returns>
    public bool TakeOriginal(CompressedFile file, Action<LogFileName> close)
    {
        if (root.EntryOf(file.Name.Channel.ToString()) != StoreEntry.Directory) return false;
        close(file.Name);
        var directory = root.Directory(file.Name.Channel.ToString());
        var isSame = directory.EntryOf(file.Name.FileName) == StoreEntry.File
            && LengthOf(directory, file.Name.FileName) == file.Length;
        directory.Delete(isSame ? file.Name.FileName : file.Name.CompressedName);
        return isSame;
    }

    CompressedFile? Compress(LogFileName name, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var directory = root.Directory(name.Channel.ToString());
        if (directory.EntryOf(name.FileName) != StoreEntry.File) return null;
        var lastWritten = directory.LastWritten(name.FileName);
        if (lastWritten > before) return null;
        using var original = directory.Open(name.FileName, StoreOpen.Read);
        var length = original.Length;
        if (length is 0 or > LengthMax) return null;
        if (root.FreeBytes is var free && free - length < freeBytesMin)
            throw new IOException($"{free} bytes are free, {name} may need {length} and {freeBytesMin} are kept free "
                + $"(LOG_FREE_BYTES_MIN).");

        long bytes;
        using (var packed = directory.Open(name.UnfinishedName, StoreOpen.New))
        {
            var crc = Pack(original, length, packed, cancellationToken);
            if (cancellationToken.IsCancellationRequested) return null;
            packed.Sync();
            using var content = LogContent.OfCompressed(packed);
            if (content.Length != length || Check(content) != crc)
                throw new IOException($"{name} does not come back from its compressed form as it was.");
            bytes = packed.Length;
        }
        directory.SetLastWritten(name.UnfinishedName, lastWritten);
        directory.Replace(name.UnfinishedName, name.CompressedName);
        return new CompressedFile(name, length, bytes);
    }

    static uint Pack(StoreFile original, long length, StoreFile packed, CancellationToken cancellationToken)
    {
        var crc = 0u;
        using var target = new StoreFileStream(packed, packed.Length);
        using var gzip = new GZipStream(target, CompressionLevel.Fastest);
        var block = new byte[BlockLength];
        for (var at = 0L; at < length && !cancellationToken.IsCancellationRequested;)
        {
            var read = original.Read(block.AsSpan(0, (int)Math.Min(block.Length, length - at)), at);
            if (read == 0) throw new IOException($"{original.Name} was cut while it was read.");
            crc = Crc32C.Append(crc, block.AsSpan(0, read));
            gzip.Write(block, 0, read);
            at += read;
        }
        return crc;
    }

    static uint Check(LogContent content)
    {
        var crc = 0u;
        var block = new byte[BlockLength];
        int read;
        for (var at = 0L; (read = content.Read(block, at)) > 0; at += read)
            crc = Crc32C.Append(crc, block.AsSpan(0, read));
        return crc;
    }

    // Left by a killed worker. No other program makes such files.
    void RemoveUnfinished(ChannelName channel)
    {
        var directory = root.Directory(channel.ToString());
        foreach (var file in directory.List())
            if (LogFileName.TryParseUnfinished(channel, file, out _)) directory.Delete(file);
    }

    static long LengthOf(StoreDirectory directory, string name)
    {
        using var file = directory.Open(name, StoreOpen.Read);
        return file.Length;
    }
}

/// <summary>A file that has a compressed form.</summary>
/// <param name="Name">The file.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="CompressedLength">Bytes of the compressed form.</param>
readonly record struct CompressedFile(LogFileName Name, long Length, long CompressedLength);
