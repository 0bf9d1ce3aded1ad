using System.Buffers.Binary;
using System.Text.Json;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.Tests.DurableFiles;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// Files of batches that versions up to 0.1 left in a spool, laid out by hand as those versions did: in the directory
/// that the process takes for itself, and in one whose owner is gone.
/// </summary>
public sealed class EarlierSpoolFileTests
{
    const string Own = "0";
    const string File = "0000000001.spool";

    readonly StoreDirectory _root = new InMemoryDisk().Root;
    readonly List<string> _said = [];

    public static TheoryData<string> Directories => [Own, "7"];

    SpoolStore Open() => new(_root, new JournalName("orders", "20261121T090000-2"), "test",
        SomeFormatter.Of(new TemporalSinkOptions(), "20261121T090000-2"));

    void Leave(string directory, Action<RecordLog> write)
    {
        using var log = RecordLog.Open(_root.Directory(directory), File);
        write(log);
        log.Sync();
    }

    static void Begin(RecordLog log, FrozenBatch batch)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(batch.Header);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, header.Length);
        log.Append([(byte)'B', .. length, .. header, .. batch.Records]);
    }

    static void End(RecordLog log, FrozenBatch batch) =>
        log.Append([(byte)'D', .. Encoding.UTF8.GetBytes(batch.Id.ToString())]);

    static List<FrozenBatch> Drain(SpoolStore spool)
    {
        var batches = new List<FrozenBatch>();
        while (spool.Next(_ => null, (_, _) => throw new InvalidOperationException("damaged")) is { } batch)
        {
            batches.Add(batch);
            spool.Done(batch.Id, accepted: true);
        }
        return batches;
    }

    [Theory, MemberData(nameof(Directories))]
    public void ItsBatchesAreSentAsTheyWereOldestFirstAndTheFileGoes(string directory)
    {
        var (first, second, done) = (SomeFrozen.Batch(1), SomeFrozen.Batch(4), SomeFrozen.Batch(7));
        Leave(directory, log =>
        {
            Begin(log, second);
            Begin(log, done);
            Begin(log, first);
            End(log, done);
        });
        using var spool = Open();
        spool.Adopt(first: true, _said.Add).ShouldBe((6, 0));
        var batches = Drain(spool);
        batches.Select(batch => batch.Id).ShouldBe([first.Id, second.Id]);
        batches.Select(batch => batch.Records).ShouldBe([first.Records, second.Records]);
        batches.Select(batch => batch.RecordCount).ShouldBe([3, 3]);
        _root.Directory(directory).List().ShouldNotContain(File);
        _said.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(Directories))]
    public void WhatIsDoneIsNotSentByTheProcessAfterThat(string directory)
    {
        var (first, second) = (SomeFrozen.Batch(1), SomeFrozen.Batch(4));
        Leave(directory, log =>
        {
            Begin(log, first);
            Begin(log, second);
        });
        using (var spool = Open())
        {
            spool.Adopt(first: true, _said.Add);
            spool.Done(first.Id, accepted: true);
        }
        using var next = Open();
        next.Adopt(first: true, _said.Add).ShouldBe((3, 0));
        Drain(next).ShouldHaveSingleItem().Id.ShouldBe(second.Id);
    }

    [Theory, MemberData(nameof(Directories))]
    public void DamageInItCostsTheBatchThatWasHitAndTheFileIsKept(string directory)
    {
        var (first, second) = (SomeFrozen.Batch(1), SomeFrozen.Batch(4));
        Leave(directory, log =>
        {
            Begin(log, first);
            Begin(log, second);
        });
        var files = _root.Directory(directory);
        var bytes = files.ReadAll(File);
        bytes[RecordLog.Start + RecordLog.Overhead + 20] ^= 1;
        files.WriteAll(File, bytes);
        using var spool = Open();
        spool.Adopt(first: true, _said.Add).ShouldBe((3, 0));
        _said.ShouldHaveSingleItem().ShouldContain("damaged bytes");
        Drain(spool).ShouldHaveSingleItem().Id.ShouldBe(second.Id);
        // Behind what was there stands now that the second batch is done.
        files.ReadAll(File + ".damaged").Take(bytes.Length).ShouldBe(bytes);
        files.List().ShouldNotContain(File);
    }
}
