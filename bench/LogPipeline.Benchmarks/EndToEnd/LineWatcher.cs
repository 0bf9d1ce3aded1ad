using System.Diagnostics;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>
/// Notes when each record's line is whole in the worker's files, by reading what is new about every two milliseconds, on
/// a thread of its own. A record is known by its source and sequence number.
/// </summary>
sealed class LineWatcher : IDisposable
{
    readonly string _logDirectory;
    readonly byte[] _source;
    readonly Thread _thread;
    readonly long[] _seenAt;
    readonly Dictionary<string, (FileStream Stream, byte[] Tail)> _files = [];
    readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile bool _ended;
    int _count;

    public LineWatcher(string logDirectory, string source, int lines)
    {
        _logDirectory = logDirectory;
        _source = Encoding.UTF8.GetBytes($"\"source\":\"{source}\"");
        _seenAt = new long[lines + 1];
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
    }

    public int Count => _count;
    public Task All => _all.Task;

    /// <summary>When the record with this number was seen, as a stopwatch's timestamp.</summary>
    public long SeenAt(int sequence) => _seenAt[sequence];

    public void Dispose()
    {
        _ended = true;
        _thread.Join();
        foreach (var (stream, _) in _files.Values) stream.Dispose();
    }

    void Watch()
    {
        var nextLook = 0L;
        while (!_ended)
        {
            if (Stopwatch.GetTimestamp() >= nextLook)
            {
                foreach (var path in Directory.EnumerateFiles(_logDirectory, "*.clef", SearchOption.AllDirectories))
                    if (!_files.ContainsKey(path))
                        _files[path] =
                            (new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1), []);
                nextLook = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 50;
            }
            foreach (var path in _files.Keys.ToArray()) ReadNew(path);
            Thread.Sleep(1);
        }
    }

    void ReadNew(string path)
    {
        var (stream, tail) = _files[path];
        var length = stream.Length - stream.Position;
        if (length <= 0) return;
        var now = Stopwatch.GetTimestamp();
        var bytes = new byte[tail.Length + length];
        tail.CopyTo(bytes, 0);
        stream.ReadExactly(bytes, tail.Length, (int)length);
        var start = 0;
        for (int end; (end = bytes.AsSpan(start).IndexOf((byte)'\n')) >= 0; start += end + 1)
            Note(bytes.AsSpan(start, end), now);
        _files[path] = (stream, bytes[start..]);
    }

    void Note(ReadOnlySpan<byte> line, long now)
    {
        var at = line.LastIndexOf("\"seq\":"u8);
        if (at < 0 || line.IndexOf(_source) < 0) return;
        if (!System.Buffers.Text.Utf8Parser.TryParse(line[(at + 6)..], out int sequence, out _)) return;
        if (sequence >= _seenAt.Length || _seenAt[sequence] != 0)
            throw new InvalidOperationException($"Record {sequence} was written twice or never sent.");
        _seenAt[sequence] = now;
        if (++_count == _seenAt.Length - 1) _all.SetResult();
    }
}
