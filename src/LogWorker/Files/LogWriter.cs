using System.Threading.Channels;
using LogPipeline.DurableFiles;
using LogPipeline.Worker.Sharing;
using LogPipeline.Workflows;

namespace LogPipeline.Worker.Files;

// One loop owns the ledger and the files. It takes all batches that wait (they came while the last group was being synced)
// and carries them through as one group:
//
//   1. places     each part gets a file and an offset
//   2. intents    batch, places and lines go to the ledger; one sync for the group
//   3. lines      are written at their places; one sync for each file touched
//   4. receipts   are committed, callers are answered
//
// Anything that goes wrong on the way ends this life of the writer: all handles are closed, the group's callers are told,
// and the next group begins with the same recovery as a new process: begun batches are finished first. So there is one
// path to a sound state and not one for each error, and while the disk is full or failing nothing new is begun.

/// <summary>
/// Writes each batch once, whatever happens between: a batch that is tried again gets the answer of the first time, or
/// the same bytes at the same places.
/// </summary>
sealed partial class LogWriter : IAsyncDisposable
{
    /// <summary>The directory of the ledger in the log directory; no channel's name begins with a dot.</summary>
    public const string LedgerDirectory = ".ledger";

    // ENOSPC, as the system itself would say.
    const int NoSpace = 28;

    readonly StoreDirectory _root;
    readonly LogWriterOptions _options;
    readonly TimeProvider _time;
    readonly Action<WriterEvent> _onEvent;
    readonly Channel<Request> _requests;
    IDisposable? _ownership;
    Task? _loop;

    // Owned by the loop.
    readonly HoldBack<Request> _held;
    List<Request> _group = [];
    readonly RecoveryPace _pace;
    readonly RetentionSweep _retention;
    Life? _life;

    /// <param name="root">The log directory.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="time">Says on which day lines are written.</param>
    /// <param name="onEvent">Told what happens, on the writer's loop; null: nobody.</param>
    /// <param name="claims">Says whose a batch is, where several workers write; null: this one is alone. The writer disposes them.</param>
    public LogWriter(StoreDirectory root, LogWriterOptions options, TimeProvider time, Action<WriterEvent>? onEvent = null, IBatchClaims? claims = null)
    {
        (_root, _options, _time, _onEvent, _claims) = (root, options, time, onEvent ?? (_ => { }), claims);
        _pace = new RecoveryPace(time);
        _retention = new RetentionSweep(root, options.Retention, time);
        _held = new HoldBack<Request>(options.OrderWaitMax, options.OrderWaitingMax, time, request => request.Batch, isShared: claims is not null);
        _requests = Channel.CreateBounded<Request>(new BoundedChannelOptions(options.WaitingMax) { SingleReader = true });
    }

    /// <summary>Takes the directory, finishes what an earlier life began, and starts to write.</summary>
    /// <exception cref="DirectoryOwnedException">Another worker has the directory.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public void Start()
    {
        if (_loop is not null) throw new InvalidOperationException("The writer was started already.");
        _ownership = _root.Own($"logworker, pid {Environment.ProcessId} on {Environment.MachineName}");
        try
        {
            _life = RecoverAsync().GetAwaiter().GetResult();
        }
        catch (ClaimsUnavailableException e)
        {
            // They may be back long before a person looks.
            Fail(e);
        }
        catch
        {
            _ownership.Dispose();
            throw;
        }
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Returns when the batch is on the disk. Cancelling ends the waiting, not the writing once that has begun.</summary>
    /// <exception cref="BatchRefusedException">It can never be written.</exception>
    /// <exception cref="BatchNotWrittenException">It could not be written now; try again.</exception>
    /// <exception cref="PredecessorMissingException">It came before its predecessor; try again a little later.</exception>
    public async Task<WriteOutcome> WriteAsync(PreparedBatch batch, CancellationToken cancellationToken = default)
    {
        if (batch.Lines.Length > _options.BatchBytesMax)
            throw new BatchRefusedException($"Batch {batch.Id} has {batch.Lines.Length} bytes of lines; this worker takes {_options.BatchBytesMax}.");
        var request = new Request(batch, cancellationToken);
        try
        {
            await _requests.Writer.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new BatchNotWrittenException($"Batch {batch.Id} was not written, as this worker is stopping.", e);
        }
        return await request.Answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stops intake, writes what waits, syncs and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        _requests.Writer.TryComplete();
        if (_loop is not null) await _loop.ConfigureAwait(false);
        _life?.Dispose();
        if (_claims is not null) await _claims.DisposeAsync().ConfigureAwait(false);
        _ownership?.Dispose();
    }

    async Task RunAsync()
    {
        // Syncs block this pool thread; there is one loop, so it is one thread.
        var open = true;
        while (open || _held.Count > 0)
        {
            if (_life is not null && _retention.DueIn == TimeSpan.Zero) Retire();
            while (_held.Count < _options.WaitingMax && _requests.Reader.TryRead(out var request)) _held.Add(request);
            await LookElsewhereAsync().ConfigureAwait(false);
            if ((_held.Count > 0 || IsToRecover) && await IsAliveAsync().ConfigureAwait(false))
            {
                _group = _held.TakeReady(
                    IsPlaced, request => request.Cancellation.IsCancellationRequested, _options.GroupBatchesMax, _options.GroupBytesMax, Disorder);
                if (_group.Count > 0)
                {
                    await WriteGroupAsync().ConfigureAwait(false);
                    continue;
                }
                // When the writer stops nothing more will come here, but it may to another.
                foreach (var request in open ? _held.TakeVain() : _held.TakeAll())
                    request.Answer.TrySetException(new PredecessorMissingException(request.Batch));
            }
            if (open) open = await WaitAsync().ConfigureAwait(false);
        }
    }

    /// <returns>False when no more batches will come.</returns>
    async Task<bool> WaitAsync()
    {
        var more = _requests.Reader.WaitToReadAsync().AsTask();
        // A writer that waits for its disk sweeps when it is back.
        var sweep = _life is not null ? _retention.DueIn : IsToRecover ? IdleRecoveryInterval : Timeout.InfiniteTimeSpan;
        if (_held.Count == 0 && sweep == Timeout.InfiniteTimeSpan) return await more.ConfigureAwait(false);
        using var stop = new CancellationTokenSource();
        // With as many held as may wait, more cannot be taken, so only time helps.
        var expiry = Task.Delay(_held.Count == 0 ? sweep : UntilNextLook(), _time, stop.Token);
        var first = _held.Count < _options.WaitingMax ? await Task.WhenAny(more, expiry).ConfigureAwait(false) : expiry;
        if (first == expiry) await expiry.ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        return !more.IsCompleted || await more.ConfigureAwait(false);
    }

    void Retire()
    {
        try
        {
            var files = _retention.Run(_life!.Forget);
            if (files.Count > 0) _onEvent(new WriterEvent.Retired(files));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _onEvent(new WriterEvent.RetentionFailed(e));
        }
    }

    void Disorder(PreparedBatch batch) => _onEvent(new WriterEvent.Disorder(batch));

    /// <summary>Recovers when the last life has ended. If that fails, so do all that wait.</summary>
    async Task<bool> IsAliveAsync()
    {
        if (_life is not null) return true;
        _group = _held.TakeAll();
        try
        {
            _pace.ThrowIfTooEarly();
            _life = await RecoverAsync().ConfigureAwait(false);
            foreach (var request in _group) _held.Add(request);
            return true;
        }
        catch (Exception e)
        {
            Fail(e);
            return false;
        }
    }

    async Task WriteGroupAsync()
    {
        try
        {
            await ClaimGroupAsync().ConfigureAwait(false);
            if (_group.Count == 0) return;
            _life!.Write(_group);
            _pace.Succeeded();
            await ReceiveGroupAsync().ConfigureAwait(false);
            foreach (var request in _group) request.Complete();
            _life.Ledger.Recycle();
        }
        catch (ClaimsUnavailableException e)
        {
            Postpone(e);
        }
        catch (Exception e)
        {
            // The edge of the loop. Going on is right whatever it was, as the next group begins with a recovery from the disk.
            Fail(e);
        }
    }

    void Fail(Exception e)
    {
        _life?.Dispose();
        _life = null;
        _pace.Failed(e);
        _onEvent(new WriterEvent.Failed(_group.Count, e));
        foreach (var request in _group)
            request.Answer.TrySetException(new BatchNotWrittenException($"Batch {request.Batch.Id} was not written to {_root.Path}: {e.Message}", e));
    }

    async Task<Life> RecoverAsync()
    {
        var directory = _root.Directory(LedgerDirectory);
        _root.Sync();
        var ledger = BatchLedger.Open(directory, _options);
        var life = new Life(this, ledger);
        try
        {
            if (_claims is null) life.FinishBegun(new HashSet<BatchId>());
            else await FinishSharedAsync(life, _claims).ConfigureAwait(false);
            return life;
        }
        catch
        {
            life.Dispose();
            throw;
        }
    }

    /// <summary>Everything that is open between two recoveries.</summary>
    sealed class Life : IDisposable
    {
        readonly LogWriter _writer;
        readonly OpenLogFiles _files;
        readonly LogPlaces _places;
        readonly Dictionary<BatchId, WriteOutcome> _ofGroup = [];
        readonly List<(LedgerEntry Entry, PreparedBatch Batch)> _begun = [];

        public Life(LogWriter writer, BatchLedger ledger)
        {
            _writer = writer;
            Ledger = ledger;
            _files = new OpenLogFiles(writer._root, writer._options.OpenFilesMax);
            _places = new LogPlaces(writer._root, _files, writer._options, ledger.Ends);
        }

        public BatchLedger Ledger { get; }

        /// <param name="lost">Begun batches that another worker has taken.</param>
        /// <returns>Those that were finished.</returns>
        public IReadOnlyList<LedgerEntry> FinishBegun(IReadOnlySet<BatchId> lost)
        {
            var kept = Ledger.Begun.Where(batch => !lost.Contains(batch.Entry.Id) || IsInFiles(batch)).ToList();
            List<BegunBatch> begun = kept.Count == 0 ? [] : Relocate(kept);
            Ledger.Renew(begun);
            if (begun.Count > 0) _writer._claims?.RequireClaims();
            foreach (var batch in begun) WriteLines(batch.Entry, batch.Lines.Span);
            _files.Sync();
            Ledger.Settle(begun.Select(batch => batch.Entry), _writer._time.GetUtcNow());
            _writer._onEvent(new WriterEvent.Opened(Ledger.ReceiptCount, begun.Count, Ledger.DamagedBytes));
            string[] copied = [.. begun.Where(batch => lost.Contains(batch.Entry.Id)).Select(batch => batch.Entry.Batch)];
            if (copied.Length > 0) _writer._onEvent(new WriterEvent.Copied(copied));
            return begun.ConvertAll(batch => batch.Entry);
        }

        // Of a batch that was taken nothing needs to be written, unless something was: a line must not stay torn.
        bool IsInFiles(BegunBatch batch) => batch.Entry.Parts.Any(part => _files.LengthOf(part.Name) > part.Offset);

        public void Forget(LogFileName name) => _files.Forget(name);

        public void Write(List<Request> group)
        {
            RequireRoom(group);
            var now = _writer._time.GetUtcNow();
            _ofGroup.Clear();
            _begun.Clear();
            _places.BeginGroup();
            foreach (var request in group) request.Outcome = Begin(request.Batch, now);
            if (_begun.Count == 0) return;

            Ledger.SyncIntents();
            _writer._claims?.RequireClaims();
            foreach (var (entry, batch) in _begun) WriteLines(entry, batch.Lines.Span);
            _files.Sync();
            foreach (var (entry, _) in _begun) Ledger.Receive(entry, now);
            Ledger.CommitReceipts();
            _writer._onEvent(new WriterEvent.Wrote(_begun));
        }

        public void Dispose()
        {
            _files.Dispose();
            Ledger.Dispose();
        }

        // Lines are written twice: to the intents and to their files.
        void RequireRoom(List<Request> group)
        {
            var needed = 2 * group.Sum(request => (long)request.Batch.Lines.Length);
            if (_writer._root.FreeBytes is var free && free - needed < _writer._options.FreeBytesMin)
                throw new IOException($"{free} bytes are free, {needed} are needed and {_writer._options.FreeBytesMin} are kept free (LOG_FREE_BYTES_MIN).", NoSpace);
        }

        WriteOutcome? Begin(PreparedBatch batch, DateTimeOffset now)
        {
            var earlier = _ofGroup.TryGetValue(batch.Id, out var inGroup) ? inGroup.Entry : Ledger.Find(batch.Id);
            if (earlier is not null) return IsSame(earlier, batch) ? new WriteOutcome(earlier, AlreadyWritten: true) : null;

            var today = DateOnly.FromDateTime(now.UtcDateTime);
            var parts = new List<LedgerPart>(batch.Parts.Count);
            foreach (var part in batch.Parts)
            {
                var (name, offset) = _places.Place(part.Channel, part.Length, today);
                parts.Add(new LedgerPart { File = name.ToString(), Offset = offset, Length = part.Length, RecordCount = part.RecordCount, Crc = part.Crc });
            }
            var entry = new LedgerEntry { Batch = batch.Id.ToString(), At = now, Parts = parts };
            Ledger.Intend(entry, batch.Lines.Span);
            _begun.Add((entry, batch));
            return _ofGroup[batch.Id] = new WriteOutcome(entry, AlreadyWritten: false);
        }

        /// <summary>Begun batches keep their places, except where a file ends in front of its place: somebody cut or removed it.</summary>
        List<BegunBatch> Relocate(IReadOnlyList<BegunBatch> begun)
        {
            var reached = new Dictionary<LogFileName, long>();
            var today = DateOnly.FromDateTime(_writer._time.GetUtcNow().UtcDateTime);
            var relocated = new List<BegunBatch>(begun.Count);
            foreach (var batch in begun)
            {
                var parts = new List<LedgerPart>(batch.Entry.Parts.Count);
                foreach (var part in batch.Entry.Parts)
                {
                    var kept = part;
                    if (!reached.TryGetValue(part.Name, out var length)) length = _files.LengthOf(part.Name) ?? 0;
                    if (length < part.Offset)
                    {
                        var (name, offset) = _places.PlaceAnew(part.Name.Channel, part.Length, today);
                        kept = part with { File = name.ToString(), Offset = offset };
                        length = 0;
                    }
                    reached[kept.Name] = Math.Max(length, kept.End);
                    parts.Add(kept);
                }
                relocated.Add(batch with { Entry = batch.Entry with { Parts = parts } });
            }
            return relocated;
        }

        void WriteLines(LedgerEntry entry, ReadOnlySpan<byte> lines)
        {
            foreach (var part in entry.Parts)
            {
                _files.Write(part.Name, part.Offset, lines[..part.Length]);
                lines = lines[part.Length..];
            }
        }

        public static bool IsSame(LedgerEntry entry, PreparedBatch batch)
        {
            if (entry.Parts.Count != batch.Parts.Count) return false;
            for (var i = 0; i < entry.Parts.Count; i++)
                if (entry.Parts[i].Length != batch.Parts[i].Length || entry.Parts[i].Crc != batch.Parts[i].Crc) return false;
            return true;
        }
    }

    sealed class Request(PreparedBatch batch, CancellationToken cancellation)
    {
        public PreparedBatch Batch => batch;
        public CancellationToken Cancellation => cancellation;
        public TaskCompletionSource<WriteOutcome> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null: the id was written with other lines.</summary>
        public WriteOutcome? Outcome { get; set; }

        public void Complete()
        {
            if (Outcome is not null) Answer.TrySetResult(Outcome);
            else Answer.TrySetException(new BatchRefusedException($"Batch {batch.Id} was written before with other records; the ones given now were not written."));
        }
    }
}
