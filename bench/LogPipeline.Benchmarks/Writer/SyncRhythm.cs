using System.Diagnostics;
using LogPipeline.DurableFiles;

namespace LogPipeline.Benchmarks.Writer;

/// <summary>The lengths of the write calls between one sync of a file and the next, so that a plain loop can do the same.</summary>
sealed class SyncRhythm
{
    // What dd would be told with bs=1M.
    const int BlockBytes = 1 << 20;

    readonly List<long> _beats = [];
    long _sinceSync;

    public int Syncs => _beats.Count;
    public long Bytes => _beats.Sum();

    public void OnWrite(int bytes) => _sinceSync += bytes;

    public void OnSync()
    {
        _beats.Add(_sinceSync);
        _sinceSync = 0;
    }

    /// <summary>As many bytes and syncs, one behind the other into one file; what is returned is the time for it.</summary>
    public TimeSpan Replay(string directory) => Replay(directory, _beats);

    public static TimeSpan Replay(string directory, IEnumerable<long> beats)
    {
        var block = new byte[BlockBytes];
        new Random(1).NextBytes(block);
        // The same calls of the system as the writer's: pwrite and fdatasync.
        using var file = new PhysicalDirectory(directory).Open($"{Guid.NewGuid():N}", StoreOpen.New);
        var start = Stopwatch.GetTimestamp();
        var end = 0L;
        foreach (var beat in beats)
        {
            for (var left = beat; left > 0;)
            {
                var length = (int)Math.Min(left, BlockBytes);
                file.Write(block.AsSpan(0, length), end);
                end += length;
                left -= length;
            }
            file.Sync();
        }
        return Stopwatch.GetElapsedTime(start);
    }
}
