using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.Worker;

/// <summary>Files that go and room that stays, on a disk in memory.</summary>
public sealed class LogWriterRetentionTests
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly InMemoryDisk _disk;
    readonly WriterRecorder _events = new();

    public LogWriterRetentionTests() => _disk = new InMemoryDisk(_time);

    [Fact]
    public async Task OldFilesGoAndTheirBatchesStayKnown()
    {
        await using var writer = Start(new() { Retention = new(AgeMax: TimeSpan.FromDays(2)) });
        await writer.WriteAsync(SomeBatch.Prepared(1, "app", "quiet"));
        _time.Advance(TimeSpan.FromDays(1));
        await writer.WriteAsync(SomeBatch.Prepared(3, "app"));
        _time.Advance(TimeSpan.FromDays(1.5));
        // With the next group, or when a minute has passed; here both.
        await writer.WriteAsync(SomeBatch.Prepared(4, "app"));
        await GoneAsync(2);

        SomeBatch.Files(_disk.Root).Keys.ShouldBe(["app/2026-11-22.001.clef", "app/2026-11-24.001.clef"]);
        (await writer.WriteAsync(SomeBatch.Prepared(1, "app", "quiet"))).AlreadyWritten.ShouldBeTrue();
        await writer.WriteAsync(SomeBatch.Prepared(5, "quiet"));
        SomeBatch.Sequences(_disk.Root, "quiet").ShouldBe([5]);
    }

    [Theory]
    [InlineData(365)]
    [InlineData(-1)]
    public async Task AClockThatJumpsRemovesNothingAndForgetsNoBatch(int days)
    {
        await using var writer = Start(new()
        {
            Retention = new(AgeMax: TimeSpan.FromHours(12), AgeMin: TimeSpan.FromHours(1)), ReceiptRetention = TimeSpan.FromDays(9),
        });
        await writer.WriteAsync(SomeBatch.Prepared(1, "app", "quiet"));
        await _time.TimersAsync(1);
        _time.Set(TimeSpan.FromDays(days));
        await writer.WriteAsync(SomeBatch.Prepared(3, "app"));
        for (var hour = 0; hour < 11; hour++)
        {
            await _time.TimersAsync(1);
            _time.Advance(TimeSpan.FromHours(1));
            await writer.WriteAsync(SomeBatch.Prepared(10 + hour, "app"));
        }
        _events.Jumps.ShouldHaveSingleItem().ShouldBe(TimeSpan.FromDays(days));
        _events.Retired.ShouldBeEmpty();
        (await writer.WriteAsync(SomeBatch.Prepared(1, "app", "quiet"))).AlreadyWritten.ShouldBeTrue();
        SomeBatch.Sequences(_disk.Root, "quiet").ShouldBe([2]);
    }

    [Fact]
    public async Task AWriterThatRestsSweepsByTheClock()
    {
        await using var writer = Start(new() { Retention = new(AgeMax: TimeSpan.FromDays(2)) });
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        await _time.TimersAsync(1);
        _time.Advance(TimeSpan.FromDays(3));
        await GoneAsync(1);
        SomeBatch.Files(_disk.Root).ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatCannotBeRemovedIsToldAndTriedAgain()
    {
        await using var writer = Start(new() { Retention = new(AgeMax: TimeSpan.FromDays(2)) });
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        _disk.Fault = operation => operation.Verb == StoreVerb.Delete ? new(StoreFaultKind.InputOutput) : null;
        await _time.TimersAsync(1);
        _time.Advance(TimeSpan.FromDays(3));
        await Eventually.TrueAsync(() =>
            Task.FromResult(!_events.RetentionFailures.IsEmpty), TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(5));
        _disk.Fault = null;
        await _time.TimersAsync(1);
        _time.Advance(TimeSpan.FromMinutes(1));
        await GoneAsync(1);
    }

    [Fact]
    public async Task BeforeAFileIsRemovedTheReceiptsOfItsBatchesAreSynced()
    {
        await using var writer = Start(new() { Retention = new(AgeMax: TimeSpan.FromDays(2)) });
        var (isSynced, deletedSynced) = (true, (bool?)null);
        _disk.Fault = operation =>
        {
            if (operation.Path.Contains("/receipts.", StringComparison.Ordinal) && operation.Verb is StoreVerb.Write or StoreVerb.Sync)
                isSynced = operation.Verb == StoreVerb.Sync;
            if (operation.Verb == StoreVerb.Delete && operation.Path.EndsWith(".clef", StringComparison.Ordinal)) deletedSynced = isSynced;
            return null;
        };
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        isSynced.ShouldBeFalse();
        await _time.TimersAsync(1);
        _time.Advance(TimeSpan.FromDays(3));
        await GoneAsync(1);
        deletedSynced.ShouldBe(true);
    }

    [Fact]
    public async Task NothingIsBegunThatWouldTakeTheRoomThatStaysFree()
    {
        _disk.FreeBytes = 1000;
        await using var writer = Start(new() { FreeBytesMin = 900 });
        var refused = await Should.ThrowAsync<BatchNotWrittenException>(() => writer.WriteAsync(SomeBatch.Prepared(1, "app")));
        refused.Message.ShouldContain("1000 bytes are free");
        refused.Message.ShouldContain("LOG_FREE_BYTES_MIN");
        SomeBatch.Files(_disk.Root).ShouldBeEmpty();

        _disk.FreeBytes = 1_000_000;
        // The writer may still be about to note that it failed, at the time that it is by then.
        WriteOutcome? outcome = null;
        await Eventually.TrueAsync(async () =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            try
            {
                outcome = await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
                return true;
            }
            catch (BatchNotWrittenException)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(30));
        outcome.ShouldNotBeNull().AlreadyWritten.ShouldBeFalse();
    }

    [Fact]
    public async Task ALineNeedsItsRoomTwiceInTheIntentsAndInItsFile()
    {
        var batch = SomeBatch.Prepared(1, "app");
        _disk.FreeBytes = 900 + 2 * batch.Lines.Length - 1;
        await using (var writer = Start(new() { FreeBytesMin = 900 })) await Should.ThrowAsync<BatchNotWrittenException>(() =>
            writer.WriteAsync(batch));
        _disk.FreeBytes++;
        await using (var writer = Start(new() { FreeBytesMin = 900 })) (await writer.WriteAsync(batch)).AlreadyWritten.ShouldBeFalse();
    }

    LogWriter Start(LogWriterOptions options)
    {
        var writer = new LogWriter(_disk.Root, options, _time, _events);
        writer.Start();
        return writer;
    }

    Task GoneAsync(int files) => Eventually.TrueAsync(
        () => Task.FromResult(_events.Retired.Count == files), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(5));
}
