using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// How batches are cut is never forgotten: random lives of a journal, each ended by a kill anywhere and what it does to the bookmark.
/// </summary>
public sealed class JournalCutTests
{
    static readonly string[] Bookmarks = ["kept", "gone", "one copy damaged", "other copy damaged", "both damaged", "zeros", "one copy old",
        "other copy old", "both old", "one old, other damaged", "cut short"];

    public static TheoryData<string> EachBookmark => [.. Bookmarks];

    [Theory, MemberData(nameof(EachBookmark))]
    public void WhateverBecomesOfTheBookmarkEveryBatchIsCutAsItWas(string bookmark)
    {
        for (var seed = 0; seed < LongRuns.Choose(usual: 40, @long: 2_000); seed++)
        {
            using var life = new CutLife(new Random(seed), $"{bookmark}, seed {seed}");
            life.LogAndSend();
            for (var kill = 0; kill < 3; kill++)
            {
                life.Kill(bookmark);
                life.Adopt();
            }
            life.Kill(bookmark);
            life.SendAll();
        }
    }

    [Fact]
    public void AJournalWithoutSealsAndWithoutItsBookmarkMaySendTwiceButLosesNothing()
    {
        var (bytes, frames) = JournalRig.Segment(4 * 1024);
        var reading = JournalRig.Read(bytes);
        reading.Batches[0].RecordCount.ShouldBe(1);
        reading.Batches[1].RecordCount.ShouldBe(frames.Count - 1);
    }

    [Fact]
    public void ADiskThatTakesNoSealKeepsNoBatchFromGoingAndTheBookmarkKnowsTheCut()
    {
        var disk = new InMemoryDisk();
        var (bytes, _) = JournalRig.Segment(4 * 1024);
        using (var file = disk.Root.Open(JournalRig.Name.Segment(1), StoreOpen.New)) file.Write(bytes, 0);
        FrozenBatch cut;
        using (var journal = Journal.Load(disk.Root, JournalRig.Name, JournalRig.Formatter))
        {
            disk.Fault = operation => operation.Path.EndsWith(".records") ? new StoreFault(StoreFaultKind.NoSpace) : null;
            journal.Next(3, 100_000, null, _ => { });
            journal.Done(accepted: true);
            cut = journal.Next(3, 100_000, null, _ => { })!;
        }
        disk.Restart(StoreCrash.Killed);
        using var again = Journal.Load(disk.Root, JournalRig.Name, JournalRig.Formatter);
        again.Next(100, 100_000, null, _ => { })!.Records.ShouldBe(cut.Records);
    }

    [Fact]
    public void ACutSurvivesAPowerCutWhenTheRecordsWereNeverSynced()
    {
        var disk = new InMemoryDisk();
        var (bytes, _) = JournalRig.Segment(4 * 1024);
        using (var file = disk.Root.Open(JournalRig.Name.Segment(1), StoreOpen.New))
        {
            file.Write(bytes, 0);
            file.Sync();
        }
        disk.Root.Sync();
        var journal = Journal.Load(disk.Root, JournalRig.Name, JournalRig.Formatter);
        journal.Next(3, 100_000, null, _ => { });
        journal.Done(accepted: true);
        var cut = journal.Next(3, 100_000, null, _ => { })!;
        disk.Restart(StoreCrash.PowerCut);
        using var again = Journal.Load(disk.Root, JournalRig.Name, JournalRig.Formatter);
        again.BookmarkWasLost.ShouldBeFalse();
        again.Next(100, 100_000, null, _ => { })!.Records.ShouldBe(cut.Records);
    }

    /// <summary>A journal's life under a disk that stops at any write, and a Temporal that remembers each id's bytes.</summary>
    sealed class CutLife(Random chance, string name) : IDisposable
    {
        readonly InMemoryDisk _disk = new();
        readonly Dictionary<BatchId, FrozenBatch> _offered = [];
        readonly HashSet<BatchId> _answered = [];
        readonly List<byte[]> _oldBookmarks = [];
        SpoolQueue? _queue;
        Journal? _journal;
        long _logged;

        static TemporalSinkOptions Options(bool isSynced) => new()
        {
            Limits = { SpoolBytesMax = 64 * 1024, EventBytesMax = 2_000 },
            Timeouts = { BackPressure = TimeSpan.FromMilliseconds(500) },
            Durability = isSynced ? Durability.PowerSafe : Durability.ProcessSafe,
        };

        public void LogAndSend()
        {
            CrashAnywhere(200);
            Live(() =>
            {
                _journal = Journal.Create(_disk.Root, JournalRig.Name, JournalRig.Formatter);
                _queue = new SpoolQueue(Options(isSynced: chance.Next(10) == 0), new Books(), _disk.Root, _journal, TimeProvider.System,
                    _ => { });
                _queue.Start();
                for (var steps = chance.Next(60); steps > 0; steps--)
                {
                    for (var more = chance.Next(6); more > 0; more--)
                    {
                        // Refused: the disk has stopped under the thread that makes the files.
                        if (!_queue.TryEnqueue(JournalRig.Record((int)_logged + 1, chance.Next(60)), urgent: false, out _)) return;
                        _logged++;
                    }
                    if (chance.Next(2) == 0) Step();
                }
            });
        }

        public void Adopt()
        {
            CrashAnywhere(40);
            Live(() =>
            {
                _journal = Journal.Load(_disk.Root, JournalRig.Name, JournalRig.Formatter);
                for (var steps = chance.Next(10); steps > 0; steps--) Step();
            });
        }

        /// <summary>The last process lives long enough. Then everything was sent, each record in one batch.</summary>
        public void SendAll()
        {
            _journal = Journal.Load(_disk.Root, JournalRig.Name, JournalRig.Formatter);
            _journal.Found.Lost.ShouldBe(0, name);
            while (Offer()) Answer();
            var sent = _offered.Values.OrderBy(batch => batch.Id.FirstSequence).SelectMany(JournalRig.SequencesIn).ToList();
            sent.Take((int)_logged).ShouldBe(Enumerable.Range(1, (int)_logged).Select(i => (long)i), name);
            // The kill came between the write and the return of the call.
            sent.Count.ShouldBeInRange((int)_logged, (int)_logged + 1, name);
            _answered.Count.ShouldBe(_offered.Count, name);
            _journal.End();
            _journal.Dispose();
            _disk.Root.List().ShouldBeEmpty(name);
        }

        public void Kill(string bookmark)
        {
            _disk.Restart(StoreCrash.Killed);
            try
            {
                _queue?.Dispose();
                _journal?.Dispose();
            }
            catch (StoreCrashedException)
            {
                // They belong to the process that is gone.
            }
            (_queue, _journal) = (null, null);
            if (!_disk.Root.Exists(JournalRig.Name.Bookmark)) return;
            var now = BookmarkNow();
            var old = _oldBookmarks.Count > 0 ? _oldBookmarks[chance.Next(_oldBookmarks.Count)] : new byte[now.Length];
            switch (bookmark)
            {
                case "gone": _disk.Root.Delete(JournalRig.Name.Bookmark); break;
                case "one copy damaged": Change(file => Damage(file, 0)); break;
                case "other copy damaged": Change(file => Damage(file, 4096)); break;
                case "both damaged":
                    Change(file => Damage(file, 0));
                    Change(file => Damage(file, 4096));
                    break;
                case "zeros": Change(file => file.Write(new byte[now.Length], 0)); break;
                case "one copy old": Change(file => file.Write(old.AsSpan(0, 4096), 0)); break;
                case "other copy old": Change(file => file.Write(old.AsSpan(4096), 4096)); break;
                case "both old": Change(file => file.Write(old, 0)); break;
                case "one old, other damaged":
                    Change(file => file.Write(old.AsSpan(0, 4096), 0));
                    Change(file => Damage(file, 4096));
                    break;
                case "cut short": Change(file => file.SetLength(chance.Next(now.Length))); break;
            }
        }

        public void Dispose()
        {
            try
            {
                _queue?.Dispose();
                _journal?.Dispose();
            }
            catch (StoreCrashedException)
            {
                // As above.
            }
        }

        void Step()
        {
            if (chance.Next(4) == 0 && _disk.Root.Exists(JournalRig.Name.Bookmark)) _oldBookmarks.Add(BookmarkNow());
            if (Offer() && chance.Next(3) > 0) Answer();
        }

        bool Offer()
        {
            if (_journal!.Next(1 + chance.Next(8), 100_000, null, lost =>
                throw new InvalidOperationException($"{lost} lost, {name}")) is not { } batch) return false;
            if (!_offered.TryGetValue(batch.Id, out var before))
            {
                _offered.Add(batch.Id, batch);
                return true;
            }
            batch.Records.ShouldBe(before.Records, name);
            (batch.Header.LastSequence, batch.Header.Previous, batch.RecordCount)
                .ShouldBe((before.Header.LastSequence, before.Header.Previous, before.RecordCount), name);
            return true;
        }

        void Answer()
        {
            _answered.Add(_journal!.FirstOpenId);
            _journal.Done(accepted: chance.Next(10) > 0);
        }

        /// <summary>The process is killed at one of its next changes, or in the middle of it.</summary>
        void CrashAnywhere(int operations)
        {
            var at = _disk.Operations + 1 + chance.Next(operations);
            var (isDone, part) = (chance.Next(2) == 0, chance.NextDouble());
            // A frame is there or not: in mapped memory its marker comes last.
            _disk.Fault = operation => operation.Number < at ? null
                : new StoreFault(StoreFaultKind.Crash,
                    !isDone ? 0 : operation.Path.EndsWith(".records") ? operation.Bytes : (int)(part * (operation.Bytes + 1)));
        }

        static void Live(Action life)
        {
            try
            {
                life();
            }
            catch (StoreCrashedException)
            {
                // Killed.
            }
        }

        byte[] BookmarkNow()
        {
            using var file = _disk.Root.Open(JournalRig.Name.Bookmark, StoreOpen.Read);
            var bytes = new byte[8192];
            file.Read(bytes, 0);
            return bytes;
        }

        void Change(Action<StoreFile> change)
        {
            using var file = _disk.Root.Open(JournalRig.Name.Bookmark, StoreOpen.Existing);
            change(file);
        }

        void Damage(StoreFile file, int copy)
        {
            var at = copy + chance.Next(46);
            Span<byte> one = stackalloc byte[1];
            if (file.Read(one, at) == 0) return;
            one[0] ^= (byte)(1 << chance.Next(8));
            file.Write(one, at);
        }
    }
}
