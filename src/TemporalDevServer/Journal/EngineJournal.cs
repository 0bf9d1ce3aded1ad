using System.Diagnostics;
using System.Security.Cryptography;
using LogPipeline.DurableFiles;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Journal;

/// <summary>
/// Keeps the engine's state on disk: every input before the replies that follow from it, and regularly a snapshot, so
/// that a start replays little. Used by the engine's thread, except for <see cref="Failure"/>.
///
/// A snapshot takes three turns, so that the engine hardly waits: another thread writes histories, then the engine
/// drops them from memory and serializes the rest, which another thread writes; then files that no start needs are
/// deleted. One that cannot be made costs the next start time and nothing else: the inputs behind the last snapshot
/// stay, and another is tried when as much has gathered again.
/// </summary>
sealed class EngineJournal
{
    readonly StoreDirectory _directory;
    readonly JournalOptions _options;
    readonly JournalLog _log;
    readonly IDisposable _owner;
    readonly HistoryArchive _archive;
    readonly JournalWriter _writer;
    readonly TaskCompletionSource<Exception> _failure = new(TaskCreationOptions.RunContinuationsAsynchronously);

    List<JournalWriter.Entry> _entries = [];
    long _lastInput;
    long _segment;

    // Since the last snapshot.
    long _inputs;
    long _bytes;

    // Null in the end: it could not be done.
    Task<List<(long RunNumber, HistoryPart Part)>?>? _leaving;
    Task? _saving;
    // The last snapshot that was tried could not be made. Set by one turn at a time.
    bool _isBehind;
    long _snapshot;
    // History files that the last snapshot names.
    HashSet<long> _named;

    EngineJournal(
        StoreDirectory directory, JournalOptions options, JournalLog log, IDisposable owner, HistoryArchive archive,
        Recovered? recovered)
    {
        (_directory, _options, _log, _owner, _archive) = (directory, options, log, owner, archive);
        Engine = recovered?.Engine
            ?? WorkflowEngine.New(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)), archive);
        _snapshot = recovered?.Snapshot ?? 0;
        _named = NamedFiles();
        _lastInput = recovered?.LastInput ?? 0;
        (_inputs, _bytes) = (recovered?.InputsRead ?? 0, recovered?.BytesRead ?? 0);
        _segment = 1 + new[] { JournalFiles.Segment, JournalFiles.Snapshot, JournalFiles.History }.Max(
            kind => JournalFiles.Numbers(directory, kind).LastOrDefault());
        // Segments follow each other without a gap; where one was set aside, a snapshot replaces what is before it.
        if (recovered is null || !directory.Exists(JournalFiles.Name(JournalFiles.Segment, _segment - 1)))
        {
            SnapshotFile.Write(directory, _segment, SnapshotFile.Serialize(Engine, _lastInput));
            _snapshot = _segment;
            (_inputs, _bytes) = (0, 0);
        }
        _writer = new JournalWriter(directory, _segment, Fail);
    }

    /// <summary>The engine as the journal leaves it.</summary>
    public WorkflowEngine Engine { get; }

    /// <summary>Completes, with the reason, when the disk refused; nothing is released from then on.</summary>
    public Task<Exception> Failure => _failure.Task;

    /// <exception cref="DirectoryOwnedException">Another process has it.</exception>
    /// <exception cref="InvalidDataException">There is a journal without a snapshot to begin from.</exception>
    /// <exception cref="JournalMismatchException">Another version wrote it.</exception>
    public static EngineJournal Open(StoreDirectory directory, string owner, JournalOptions options, JournalLog log)
    {
        var watch = Stopwatch.StartNew();
        var owned = directory.Own(owner);
        try
        {
            var archive = new HistoryArchive(directory, log);
            var recovered = new JournalRecovery(directory, archive, log).Recover();
            var journal = new EngineJournal(directory, options, log, owned, archive, recovered);
            if (recovered is not null)
                log.Read(
                    directory.Path,
                    recovered.Snapshot,
                    recovered.InputsRead,
                    journal.Engine.RunCount,
                    watch.ElapsedMilliseconds);
            journal._writer.Start();
            return journal;
        }
        catch
        {
            owned.Dispose();
            throw;
        }
    }

    /// <summary>To be called before the engine steps the input.</summary>
    public void Append(EngineInput input, ReadOnlyMemory<byte> bytes, DateTime now)
    {
        var record = new JournalRecord(++_lastInput, now, Engine.Mark, input);
        var body = record.Body(bytes);
        _entries.Add(new JournalWriter.Entry(record, body));
        _inputs++;
        _bytes += JournalRecord.HeadBytes + body.Length;
    }

    /// <summary>Has the inputs so far written, and the replies released behind them.</summary>
    public void Submit(List<ReadyReply> replies)
    {
        if (_entries.Count > 0 || replies.Count > 0) _writer.Add(_entries, replies);
        _entries.Clear();
    }

    /// <summary>
    /// Takes the next turn of a snapshot, if one is due and its last turn is done. Call it between steps, with nothing
    /// unsubmitted.
    /// </summary>
    public void Advance()
    {
        if (_leaving is { IsCompleted: true } left)
        {
            _leaving = null;
            Save(left.Result);
        }
        else if (_leaving is null
            && _saving is null or { IsCompleted: true }
            && (_inputs >= _options.SnapshotInputs || _bytes >= _options.SnapshotBytes))
        {
            var leaving = HistoryArchive.Collect(Engine);
            var file = _segment + 1;
            _leaving = Task.Run(() => Try(() => _archive.Write(file, leaving)));
        }
    }

    /// <summary>Writes what has been handed over, and lets the directory go.</summary>
    /// <param name="withSnapshot">A last snapshot is written, so that the next start replays nothing.</param>
    public void Close(bool withSnapshot)
    {
        Task.WhenAll(_leaving ?? Task.CompletedTask, _saving ?? Task.CompletedTask).Wait();
        if (withSnapshot && !Failure.IsCompleted)
        {
            if (_leaving is not null) Save(_leaving.Result);
            else if (_inputs > 0 || _isBehind)
                Save(Try(() => _archive.Write(_segment + 1, HistoryArchive.Collect(Engine))));
            _saving?.Wait();
        }
        _writer.Close();
        _owner.Dispose();
    }

    void Save(List<(long RunNumber, HistoryPart Part)>? parts)
    {
        (_inputs, _bytes) = (0, 0);
        if (parts is null) return;
        foreach (var (run, part) in parts) Engine.Archive(run, part);
        if (Try(() => SnapshotFile.Serialize(Engine, _lastInput)) is not { } records) return;
        var named = NamedFiles();
        var number = ++_segment;
        _writer.Add([new JournalWriter.Entry(default, default, number)], []);
        _saving = Task.Run(() => Try(() =>
        {
            SnapshotFile.Write(_directory, number, records);
            DeleteUnneeded(number, named);
            _log.SnapshotMade(number, records.Count - 1, parts.Count);
            _isBehind = false;
            return records;
        }));
    }

    /// <summary>
    /// The last snapshot but one is kept, with the files it names, in case the last one gets damaged.
    /// </summary>
    void DeleteUnneeded(long number, HashSet<long> named)
    {
        var (before, namedBefore) = (_snapshot, _named);
        (_snapshot, _named) = (number, named);
        Delete(JournalFiles.Snapshot, old => old < before);
        Delete(JournalFiles.Segment, old => old < before);
        Delete(JournalFiles.History, old => old < number && !named.Contains(old) && !namedBefore.Contains(old));

        void Delete(string kind, Func<long, bool> isUnneeded)
        {
            foreach (var old in JournalFiles.Numbers(_directory, kind).Where(isUnneeded))
                _directory.Delete(JournalFiles.Name(kind, old));
        }
    }

    HashSet<long> NamedFiles() => [.. Engine.Runs.SelectMany(run => run.Archived).Select(part => part.File)];

    /// <summary>Null: this turn of a snapshot failed, whatever the reason; it is said once until one is made.</summary>
    T? Try<T>(Func<T> turn) where T : class
    {
        try
        {
            return turn();
        }
        catch (Exception e)
        {
            // All inputs are in the journal, which ends the server itself if it cannot be written.
            if (!_isBehind && !Failure.IsCompleted) _log.SnapshotFailed(_directory.Path, e.Message);
            _isBehind = true;
            return null;
        }
    }

    void Fail(Exception e)
    {
        if (_failure.TrySetResult(e)) _log.Failed(_directory.Path, e.Message);
    }
}

/// <summary>
/// When a snapshot is made: it bounds what a start replays, and the closed histories in memory.
/// </summary>
sealed record JournalOptions
{
    public long SnapshotInputs { get; init; } = 10_000;
    public long SnapshotBytes { get; init; } = 32L * 1024 * 1024;
}
