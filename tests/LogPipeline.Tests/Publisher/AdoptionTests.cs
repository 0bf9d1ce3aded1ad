using System.Buffers.Binary;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.Tests.DurableFiles;

namespace LogPipeline.Tests.Publisher;

/// <summary>What becomes of records that earlier processes have left.</summary>
public sealed class AdoptionTests : IDisposable
{
    const int Left = 3;

    readonly TestClock _time = new();
    readonly InMemoryDisk _disk = new();
    readonly Books _books = new();
    readonly List<string> _said = [];
    SpoolStore? _spool;

    public void Dispose() => _spool?.Dispose();

    static SpoolStore Open(StoreDirectory root, string instance) =>
        new(root, new JournalName("orders", instance), "test",
            SomeFormatter.Of(new TemporalSinkOptions { Limits = { SpoolBytesMax = 1 << 20, EventBytesMax = 2_000 } }, instance));

    void LeaveRecords()
    {
        using var earlier = Open(_disk.Root, "20261121T080000-1");
        earlier.Append(SomeQueued.Records(1, Left, padding: 0), tried: null);
    }

    BatchSource Batches(StoreDirectory? root = null) =>
        new("orders", new EventQueue(new TemporalSinkOptions(), "20261121T090000-2", _books, _time),
            _spool = Open(root ?? _disk.Root, "20261121T090000-2"), _books, new Reporter(_time, _said.Add), _time);

    [Fact]
    public void AnotherLookIsDueAfterFifteenSecondsAndNotBeforeAsOftenAsThereWasOne()
    {
        var batches = Batches();
        _time.Advance(TimeSpan.FromHours(1));
        for (var look = 1; look <= 3; look++)
        {
            batches.Adopt(first: look == 1);
            _time.Advance(TimeSpan.FromSeconds(15) - TimeSpan.FromTicks(1));
            batches.IsAdoptionDue.ShouldBeFalse();
            _time.Advance(TimeSpan.FromTicks(1));
            batches.IsAdoptionDue.ShouldBeTrue($"look {look}");
        }
    }

    [Fact]
    public void WhatWasFoundIsInTheBooksAndSaid()
    {
        LeaveRecords();
        Batches().Adopt(first: true);
        _books.GetSnapshot().Adopted.ShouldBe(Left);
        _said.Single().ShouldContain($"3 records of earlier processes were found in the spool and are sent first: 3 in {_disk.Root.Path}.");
    }

    [Fact]
    public void WhereNothingWasFoundNothingIsSaid()
    {
        Batches().Adopt(first: true);
        _said.ShouldBeEmpty();
    }

    [Fact]
    public void ARecordThatWasDamagedWasFoundAndIsLost()
    {
        LeaveRecords();
        var directory = _disk.Root.Directory("0");
        var name = directory.List().Single(file => file.EndsWith(".records", StringComparison.Ordinal));
        var bytes = directory.ReadAll(name);
        var second = FrameScanner.HeaderSize + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4));
        bytes[second + FrameScanner.HeaderSize + 30] ^= 1;
        directory.WriteAll(name, bytes);

        Batches().Adopt(first: true);
        var stats = _books.GetSnapshot();
        stats.Adopted.ShouldBe(Left);
        stats.DroppedByReason[DropReason.Damaged].ShouldBe(1);
        stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public void ASpoolThatCannotBeSearchedIsSaidAndNothingIsThrown()
    {
        using var folder = new TempDirectory();
        var path = Path.Combine(folder.Path, "spool");
        var batches = Batches(new PhysicalDirectory(path));
        Directory.Delete(path, recursive: true);
        batches.Adopt(first: false);
        _said.Single().ShouldContain("could not be searched");
    }
}
