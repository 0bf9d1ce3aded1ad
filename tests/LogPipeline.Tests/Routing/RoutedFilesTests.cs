using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.DurableFiles;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;
using LogPipeline.Worker.Ordering;
using LogPipeline.Worker.Verify;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Routing;

/// <summary>Formats and channels' rules in the files, and what becomes of a batch when they change between two attempts.</summary>
public sealed class RoutedFilesTests
{
    readonly InMemoryDisk _disk = new();
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    static ChannelRules All(LogFormat format, RecordLevel levelMin = RecordLevel.Trace) =>
        new(new ChannelRule { Format = format, LevelMin = levelMin }, new Dictionary<string, ChannelRule>());

    static ChannelRules One(string name, ChannelRule rule) => new(new ChannelRule(), new Dictionary<string, ChannelRule> { [name] = rule });

    async Task<WriteReceipt> WriteAsync(ChannelRules rules, (LogBatchHeader Header, byte[] Array) batch, LogWriterOptions? options = null)
    {
        await using var writer = new LogWriter(_disk.Root, (options ?? new LogWriterOptions()) with { Channels = rules }, _time);
        writer.Start();
        return await WriteAsync(writer, rules, batch);
    }

    Task<WriteReceipt> WriteAsync(LogWriter writer, ChannelRules rules, (LogBatchHeader Header, byte[] Array) batch) =>
        new BatchWriter(writer, new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 20), "me", _time, rules)
            .WriteAsync(batch.Header.Id.ToString(), batch.Header, batch.Array);

    VerifyReport Verify(string? acks = null) =>
        new Verifier(_disk.Root, new LogWriterOptions()) { Acknowledged = acks is null ? null : AckLog.Read(acks) }.Run();

    static (LogBatchHeader Header, byte[] Array) Levels(long first, params string[] levels)
    {
        var records = levels.Select((level, i) => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(
            $$"""{"@t":"2026-11-21T10:00:00Z","@mt":"Event {{first + i}}","level":"{{level}}","channel":"app","source":"shop","instance":"i1","seq":{{first + i}}}""")).ToList();
        var (header, _) = SomeBatch.Of(first, [.. levels.Select(_ => "app")]);
        return (header, LogBatchRecords.Encode(records));
    }

    [Fact]
    public async Task EachFormatHasItsFilesAndNumbersGoOn()
    {
        await WriteAsync(All(LogFormat.Clef), SomeBatch.Of(1, "app"));
        await WriteAsync(All(LogFormat.Json), SomeBatch.Of(2, "app"));
        await WriteAsync(All(LogFormat.Text), SomeBatch.Of(3, "app"));
        await WriteAsync(All(LogFormat.Text), SomeBatch.Of(4, "app"));
        await WriteAsync(All(LogFormat.Clef), SomeBatch.Of(5, "app"));
        var files = SomeBatch.Files(_disk.Root);
        files.Keys.ShouldBe(["app/2026-11-21.001.clef", "app/2026-11-21.002.json", "app/2026-11-21.003.log", "app/2026-11-21.004.clef"]);
        files["app/2026-11-21.002.json"].ShouldBe("""{"timestamp":"2026-11-21T10:00:00Z","template":"Event 2","level":"info","channel":"app","source":"shop","instance":"i1","seq":2,"message":"Event 2"}""" + "\n");
        files["app/2026-11-21.003.log"].ShouldBe(
            "2026-11-21 10:00:00.000 +00:00 [INF] Event 3\n2026-11-21 10:00:00.000 +00:00 [INF] Event 4\n");
        Verify(acks: "shop/i1/1-5\n").ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(string.Join('\n', r.Examples)), r =>
            r.Records.ShouldBe(5), r => r.TextRecords.ShouldBe(2));
    }

    [Theory]
    [InlineData("Json")]
    [InlineData("Text")]
    public async Task ABatchThatIsTriedAgainAfterTheFormatChangedStaysAsItWasWritten(string format)
    {
        var later = Enum.Parse<LogFormat>(format);
        await WriteAsync(All(LogFormat.Clef), SomeBatch.Of(1, "app", "web"));
        var before = SomeBatch.Files(_disk.Root);
        var receipt = await WriteAsync(All(later), SomeBatch.Of(1, "app", "web"));
        receipt.ShouldSatisfyAllConditions(r => r.AlreadyWritten.ShouldBeTrue(), r => r.DeadLetter.ShouldBeNull(), r =>
            r.Files.Select(f => f.File).ShouldBe(before.Keys));
        SomeBatch.Files(_disk.Root).ShouldBe(before);
        // And other records of the same id are still no retry.
        (await WriteAsync(All(later), SomeBatch.Of(1, "app", "other"))).DeadLettered.ShouldBe(2);
    }

    [Fact]
    public async Task ABatchThatAnEarlierVersionWroteIsKnownAgainInAnotherFormat()
    {
        var rules = All(LogFormat.Json);
        var batch = SomeBatch.Of(1, "app");
        var earlier = SomeBatch.Prepared(1, "app") with { Origin = null };
        await using (var writer = new LogWriter(_disk.Root, new LogWriterOptions(), _time))
        {
            writer.Start();
            await writer.WriteAsync(earlier);
            (await writer.WriteAsync(SomeBatch.Prepared(1, "app"))).AlreadyWritten.ShouldBeTrue();
        }
        (await WriteAsync(rules, batch)).AlreadyWritten.ShouldBeTrue();
    }

    [Theory]
    [InlineData(StoreVerb.Write)]
    [InlineData(StoreVerb.Sync)]
    public async Task AtWhateverPointAWorkerFailsAndTheFormatChangesABatchIsThereOnceAndWhole(StoreVerb verb)
    {
        for (var failing = 1; failing <= 12; failing++)
        {
            var disk = new InMemoryDisk();
            var operations = 0;
            await using (var writer = new LogWriter(disk.Root, new LogWriterOptions(), _time))
            {
                writer.Start();
                disk.Fault = operation =>
                    operation.Verb == verb && ++operations >= failing ? new StoreFault(StoreFaultKind.NoSpace, operation.Bytes / 2) : null;
                try
                {
                    await writer.WriteAsync(SomeBatch.Prepared(1, "app", "web", "app"));
                }
                catch (BatchNotWrittenException)
                {
                    // Which is what most of these are for.
                }
            }
            disk.Fault = null;
            var rules = All(LogFormat.Text);
            await using (var writer = new LogWriter(disk.Root, new LogWriterOptions { Channels = rules }, _time))
            {
                writer.Start();
                var (header, array) = SomeBatch.Of(1, "app", "web", "app");
                await writer.WriteAsync(BatchPreparer.Prepare(header, array, rules));
            }
            var lines =
                SomeBatch.Files(disk.Root).Values.SelectMany(text => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
            lines.Count.ShouldBe(3, $"{verb} {failing}");
            for (var i = 1; i <= 3; i++) lines.Count(line => line.Contains($"Event {i}", StringComparison.Ordinal)).ShouldBe(1);
            var report = new Verifier(disk.Root, new LogWriterOptions()).Run();
            report.IsClean.ShouldBeTrue($"{verb} {failing}: {string.Join('\n', report.Examples)}");
            report.Records.ShouldBe(3);
        }
    }

    [Fact]
    public async Task RecordsUnderTheLeastLevelAreCountedAndNotLost()
    {
        var rules = All(LogFormat.Clef, RecordLevel.Warning);
        var receipt = await WriteAsync(rules, Levels(1, "debug", "warning", "info", "error", "unheard-of", "info"));
        receipt.ShouldSatisfyAllConditions(r => r.RecordCount.ShouldBe(3), r => r.Filtered.ShouldBe(3));
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([2, 4, 5]);
        var again = await WriteAsync(rules, Levels(1, "debug", "warning", "info", "error", "unheard-of", "info"));
        again.ShouldSatisfyAllConditions(r => r.AlreadyWritten.ShouldBeTrue(), r => r.Filtered.ShouldBe(3));
        await WriteAsync(rules, Levels(7, "info", "info"));
        await WriteAsync(rules, Levels(9, "fatal"));
        Verify(acks: "shop/i1/1-9\n").ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(string.Join('\n', r.Examples)), r =>
            r.Filtered.ShouldBe(5), r => r.Records.ShouldBe(4));
        // A number of no batch is still missed.
        Verify(acks: "shop/i1/10\n").Lost.ShouldBe(1);
    }

    [Theory]
    [InlineData("trace", "warning")]
    [InlineData("warning", "trace")]
    public async Task ABatchThatIsTriedAgainAfterTheLeastLevelChangedGetsItsFirstReceipt(string before, string after)
    {
        var batch = Levels(1, "info", "error");
        var first = await WriteAsync(All(LogFormat.Clef, RecordLevels.Parse(before)!.Value), batch);
        var again = await WriteAsync(All(LogFormat.Clef, RecordLevels.Parse(after)!.Value), batch);
        again.ShouldSatisfyAllConditions(
            r => r.AlreadyWritten.ShouldBeTrue(),
            r => r.DeadLetter.ShouldBeNull(),
            r => r.RecordCount.ShouldBe(first.RecordCount));
    }

    [Fact]
    public async Task OneChannelIsFilteredAndFormattedAndTheOthersAreAsTheyCame()
    {
        var rules = One("WEB", new ChannelRule { Format = LogFormat.Json, LevelMin = RecordLevel.Error });
        var (header, array) = SomeBatch.Of(1, "app", "web", "app");
        var receipt = await WriteAsync(rules, (header, array));
        receipt.Filtered.ShouldBe(1);
        SomeBatch.Files(_disk.Root).ShouldHaveSingleItem().Value.ShouldBe(string.Concat(LogBatchRecords.Decode(array)
            .Where((_, i) => i != 1).Select(r => Encoding.UTF8.GetString(r.Span) + "\n")));
    }

    [Fact]
    public async Task AChannelWithARuleOfItsOwnHasAFolderOfItsOwn()
    {
        var rules = One("AUDIT", new ChannelRule { Format = LogFormat.Json });
        await WriteAsync(rules, SomeBatch.Of(1, "a", "b", "c", "audit", "d"), new LogWriterOptions { ChannelsMax = 2 });
        SomeBatch.Files(_disk.Root).Keys.ShouldBe(
            ["a/2026-11-21.001.clef", "audit/2026-11-21.001.json", "b/2026-11-21.001.clef", "overflow/2026-11-21.001.clef"]);
    }

    [Fact]
    public void AChannelsOwnRetentionHoldsForItAlone()
    {
        var now = _time.GetUtcNow();
        var rules = new ChannelRules(new ChannelRule(), new Dictionary<string, ChannelRule>
        {
            ["AUDIT"] = new(), ["WEB_SHOP"] = new() { RetentionAge = TimeSpan.FromDays(1), RetentionFiles = 9 },
        });
        LogFileStat Old(string name, double days) =>
            new(LogFileName.TryParse(name, out var parsed) ? parsed : throw new FormatException(name), 10, now - TimeSpan.FromDays(days));
        var webShop = ChannelName.Of("Web.Shop").ToString();
        var gone = RetentionPolicy.Choose([Old("app/2026-11-01.001.clef", 8), Old("audit/2026-11-01.001.json", 300),
            Old($"{webShop}/2026-11-18.001.log", 2), Old("app/2026-11-18.001.clef", 2)],
            new RetentionOptions(AgeMax: TimeSpan.FromDays(7)), now, rules);
        gone.Select(one => one.File.Name.ToString()).ShouldBe(["app/2026-11-01.001.clef", $"{webShop}/2026-11-18.001.log"]);
    }

    [Fact]
    public async Task AChannelsRetentionIsSweptThoughAllOthersHaveNone()
    {
        var disk = new InMemoryDisk(_time);
        var events = new WriterRecorder();
        var options = new LogWriterOptions { Channels = One("WEB", new ChannelRule { RetentionAge = TimeSpan.FromDays(2) }) };
        await using var writer = new LogWriter(disk.Root, options, _time, events);
        writer.Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app", "web"));
        await _time.TimersAsync(1);
        _time.Advance(TimeSpan.FromDays(3));
        await Eventually.TrueAsync(() => Task.FromResult(!events.Retired.IsEmpty), TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(5));
        events.Retired.Select(file => file.ToString()).ShouldBe(["web/2026-11-21.001.clef"]);
    }

    [Fact]
    public async Task AChangedByteOfATextFileIsSeenAndAnEndWithinALineToo()
    {
        await WriteAsync(All(LogFormat.Text), SomeBatch.Of(1, "app", "app"));
        var directory = _disk.Root.Directory("app");
        using (var file = directory.Open("2026-11-21.001.log", StoreOpen.Existing)) file.Write("9"u8, 3);
        Verify().Corrupt.ShouldBe(1);
        using (var file = directory.Open("2026-11-21.001.log", StoreOpen.Existing)) file.SetLength(50);
        Verify().ShouldSatisfyAllConditions(r => r.Lost.ShouldBe(2), r => r.Corrupt.ShouldBe(1));
    }
}
