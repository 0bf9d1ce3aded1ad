using System.Diagnostics;
using System.Security.Cryptography;
using LogPipeline.DurableFiles;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Journal;

/// <summary>
/// Keeps what the engine knows on disk: every input before the replies that follow from it, and now and then all of it,
/// so that a start has little to read again. Used by the engine's thread, but for <see cref="Failure"/>.
///
/// A snapshot is made in three turns, so that the engine hardly waits: histories are written by another thread, then
/// the engine drops them and serializes the rest, which another thread writes; then what no start needs any more is
/// deleted.
/// </summary>
sealed class Journal
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

    Task<List<(long RunNumber, HistoryPart Part)>>? _leaving;
    Task? _saving;
    long _snapshot;
    // History files that the last snapshot names.
    HashSet<long> _named;

    Journal(
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
        // Segments follow each other without a gap; where one was put aside, a snapshot stands for what is before it.
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
    /// <exception cref="InvalidDataException">There is a journal, and nothing in it to begin from.</exception>
    /// <exception cref="JournalMismatchException">Another version wrote it.</exception>
    public static Journal Open(StoreDirectory directory, string owner, JournalOptions options, JournalLog log)
    {
        var watch = Stopwatch.StartNew();
        var owned = directory.Own(owner);
        try
        {
            var archive = new HistoryArchive(directory, log);
            var recovered = new JournalRecovery(directory, archive, log).Recover();
            var journal = new Journal(directory, options, log, owned, archive, recovered);
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
    /// Takes the next turn of a snapshot, if one is wanted and its last turn is done. Between steps, with nothing
    /// unsubmitted.
    /// </summary>
    public void Advance()
    {
        if (_leaving is { IsCompletedSuccessfully: true } left)
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
            _leaving = GuardedAsync(() => _archive.Write(file, leaving));
        }
    }

    /// <summary>Writes what has been handed over, and lets the directory go.</summary>
    /// <param name="engineIsWell">A last snapshot is made, so that the next start has nothing to read again.</param>
    public void Close(bool engineIsWell)
    {
        try
        {
            Task.WhenAll(_leaving ?? Task.CompletedTask, _saving ?? Task.CompletedTask).Wait();
            if (engineIsWell && !Failure.IsCompleted)
            {
                if (_leaving is not null) Save(_leaving.Result);
                else if (_inputs > 0) Save(_archive.Write(_segment + 1, HistoryArchive.Collect(Engine)));
                _saving?.Wait();
            }
        }
        catch (Exception e) when (e is IOException or AggregateException)
        {
            // The inputs are there, or that they are not has been said; a start reads them again.
            Fail(e);
        }
        _writer.Close();
        _owner.Dispose();
    }

    void Save(List<(long RunNumber, HistoryPart Part)> parts)
    {
        foreach (var (run, part) in parts) Engine.Archive(run, part);
        var records = SnapshotFile.Serialize(Engine, _lastInput);
        var named = NamedFiles();
        var number = ++_segment;
        _writer.Add([new JournalWriter.Entry(default, default, number)], []);
        (_inputs, _bytes) = (0, 0);
        _saving = GuardedAsync(() =>
        {
            SnapshotFile.Write(_directory, number, records);
            DeleteUnneeded(number, named);
            _log.SnapshotMade(number, records.Count - 1, parts.Count);
            return true;
        });
    }

    /// <summary>
    /// The last snapshot but one is kept, with what it rests on, for the case that the last is damaged one day.
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

    Task<T> GuardedAsync<T>(Func<T> work) => Task.Run(() =>
    {
        try
        {
            return work();
        }
        catch (Exception e)
        {
            Fail(e);
            throw;
        }
    });

    void Fail(Exception e)
    {
        if (_failure.TrySetResult(e)) _log.Failed(_directory.Path, e.Message);
    }
}

/// <summary>
/// When a snapshot is made: what a start has to read again, and closed histories in memory, stay below about this.
/// </summary>
sealed record JournalOptions
{
    public long SnapshotInputs { get; init; } = 10_000;
    public long SnapshotBytes { get; init; } = 32L * 1024 * 1024;
}
