using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Worker;

/// <summary>
/// Batches as somebody makes them who may start workflows and wants to do harm. Each ends, at the least as a dead letter that says
/// why, and the next one is written as ever.
/// </summary>
public sealed class HostileBatchTests : IAsyncDisposable
{
    readonly InMemoryDisk _disk = new();
    readonly TestClock _time = new();
    readonly LogWriter _writer;
    readonly DeadLetterBox _box;

    public HostileBatchTests()
    {
        _writer = new LogWriter(_disk.Root, new LogWriterOptions(), _time);
        _writer.Start();
        _box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
    }

    public async ValueTask DisposeAsync() => await _writer.DisposeAsync();

    static string Id(long first) => $"logs/shop/i1/{first:d12}";

    static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    Task<WriteReceipt> WriteAsync(string workflow, LogBatchHeader? header, byte[] array, ChannelRules? rules = null) =>
        new BatchWriter(_writer, _box, "me", _time, rules).WriteAsync(workflow, header!, array);

    async Task ShouldBeRefusedAsync(string workflow, LogBatchHeader? header, byte[] array, string reason)
    {
        var receipt = await WriteAsync(workflow, header, array);
        receipt.RecordCount.ShouldBe(0);
        var letter = _box.Read(receipt.DeadLetter.ShouldNotBeNull());
        letter.Head.Parts.ShouldHaveSingleItem().Reason.ShouldContain(reason);
        letter.Bytes.ToArray().ShouldBe(array);
        await NextIsWrittenAsync(50);
    }

    async Task NextIsWrittenAsync(long first)
    {
        var (header, array) = SomeBatch.Of(first, "app");
        var receipt = await WriteAsync(Id(first), header, array);
        receipt.ShouldSatisfyAllConditions(r => r.RecordCount.ShouldBe(1), r => r.DeadLetter.ShouldBeNull());
    }

    public static TheoryData<string, string> WrongHeaders => new()
    {
        { "null", "The header is null" },
        { "version 0", "version 0" },
        { "version -1", "version -1" },
        { "no levels", "has no levels" },
        { "no channels", "has no channels" },
        { "negative levels", "counts -1 in its levels" },
        { "negative channels", "counts -2147483648 in its channels" },
        { "negative records", "names -1 records" },
        { "no records", "names 0 records" },
        { "many records", "names 2147483647 records" },
        { "negative bytes", "names -1 bytes" },
        { "ends before it begins", "ends with number 0" },
        { "ends beyond all numbers", "ends with number 9223372036854775807" },
        { "begins before all numbers", "names no batch" },
        { "begins beyond all numbers", "names no batch" },
        { "previous itself", "not before it, logs/shop/i1/000000000001" },
        { "previous later", "not before it, logs/shop/i1/000000000002" },
        { "previous of another source", "not before it, logs/other/i1/000000000001" },
        { "previous no batch", "has a previous batch that is none" },
        { "many levels", "has 101 levels" },
        { "a retry of another source", "names a batch that is tried again" },
    };

    static LogBatchHeader? Wrong(LogBatchHeader header, string what) => what switch
    {
        "null" => null,
        "version 0" => header with { Version = 0 },
        "version -1" => header with { Version = -1 },
        "no levels" => header with { Levels = null! },
        "no channels" => header with { Channels = null! },
        "negative levels" => header with { Levels = new Dictionary<string, int> { ["error"] = -1 } },
        "negative channels" => header with { Channels = new Dictionary<string, int> { ["app"] = int.MinValue } },
        "negative records" => header with { RecordCount = -1 },
        "no records" => header with { RecordCount = 0 },
        "many records" => header with { RecordCount = int.MaxValue },
        "negative bytes" => header with { Bytes = -1 },
        "ends before it begins" => header with { LastSequence = 0 },
        "ends beyond all numbers" => header with { LastSequence = long.MaxValue },
        "begins before all numbers" => header with { FirstSequence = -1 },
        "begins beyond all numbers" => header with { FirstSequence = long.MaxValue, LastSequence = long.MaxValue },
        "previous itself" => header with { Previous = Id(1) },
        "previous later" => header with { Previous = Id(2) },
        "previous of another source" => header with { Previous = "logs/other/i1/000000000001" },
        "previous no batch" => header with { Previous = "logs/shop" },
        "many levels" => header with { Levels = Counts(101) },
        "a retry of another source" => header with { RetryOf = Id(7) },
        _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
    };

    static Dictionary<string, int> Counts(int names) => Enumerable.Range(0, names).ToDictionary(i => $"n{i}", _ => 1);

    [Theory, MemberData(nameof(WrongHeaders))]
    public async Task AWrongHeaderMakesALetterOfItsBatchThatSaysWhy(string what, string reason)
    {
        var (header, array) = SomeBatch.Of(1, "app");
        await ShouldBeRefusedAsync(Id(1), Wrong(header, what), array, reason);
    }

    [Theory, MemberData(nameof(WrongHeaders))]
    public async Task TheLetterOfAWrongHeaderCanBeTriedAgainWhichEndsToo(string what, string reason)
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var name = (await WriteAsync(Id(1), Wrong(header, what), array)).DeadLetter!;
        var retried = RetriedBatch.Of(_box.Read(name), name);
        // What was wrong was the header, and it is made anew.
        var receipt = await WriteAsync(retried.Id.ToString(), retried.Header, array);
        receipt.ShouldSatisfyAllConditions(r => r.RecordCount.ShouldBe(1, reason), r => r.DeadLetter.ShouldBeNull());
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1]);
    }

    [Fact]
    public async Task AWorkflowCannotTakeThePlaceOfAnothersBatch()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        await ShouldBeRefusedAsync("logs/other/i1/000000000001", header, array, "its workflow is another");
        await ShouldBeRefusedAsync("other/id", header, array, "its workflow is another");
        await ShouldBeRefusedAsync("logs/shop/i1/1", header, array, "its workflow is another");
        (await WriteAsync(Id(1), header, array)).AlreadyWritten.ShouldBeFalse();
        SomeBatch.Sequences(_disk.Root, "app").ShouldContain(1);
    }

    [Fact]
    public async Task AWorkflowNamedAsALetterThatIsTriedAgainTakesNobodysPlaceEither()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var retried = await WriteAsync("logs/dead-letters/x/000000000001", header, array);
        retried.BatchId.ShouldBe("logs/dead-letters/x/000000000001");
        (await WriteAsync(Id(1), header, array)).ShouldSatisfyAllConditions(r => r.AlreadyWritten.ShouldBeFalse(), r =>
            r.DeadLetter.ShouldBeNull());
    }

    /// <summary>What a record may hold, and whether it is written.</summary>
    public static TheoryData<string, bool> OddRecords => new()
    {
        { "{\"a\":\n\"\\ud800\"}", true },
        { "{\"a\":\r\n\"\\udc00\\ud800\",\"b\":1}", true },
        { "{\"\\ud800\":\n1}", true },
        { "{\"channel\":\n\"\\ud800\"}", true },
        { "{\"@mt\":\"{a}\\ud800\",\n\"a\":\"\\ud800\"}", true },
        { "{\"@t\":\n\"\\ud800\",\"@l\":\"\\ud800\",\"@x\":\"\\ud800\",\"@i\":\"\\ud800\",\"@r\":[\"\\ud800\"]}", true },
        { "{\"a\":{\"\\ud800\":[\n\"\\ud800\",{\"$type\":\"\\ud800\"}]}}", true },
        { "{\"a\":\n1e999999,\"b\":-0.0e-99999}", true },
        { "{\"a\":\"\\u0000\\u001f\",\n\"@mt\":\"\\u0000{\\u0000}\"}", true },
        { "{\"@t\":\"9999-99-99\",\n\"@mt\":1,\"@m\":[],\"@l\":{},\"@r\":1,\"@x\":null}", true },
        { "{\"a\":\n\"\u00ff\u00fe\"}", false },
        { "{\"a\":\"\u00c0\u0080\"}", false },
        { "{\"a\":\"\u00ed\u00a0\u0080\"}", false },
        { "{\"\u00ff\":\n1}", false },
    };

    [Theory, MemberData(nameof(OddRecords))]
    public async Task AnOddRecordEndsAsALineOrAsALetterInEveryFormat(string record, bool isWritten)
    {
        foreach (var (i, format) in Enum.GetValues<LogFormat>().Index())
        {
            var (header, array) = SomeBatch.Of(10 * i + 1, "app", "app");
            var text = Encoding.Latin1.GetString(array);
            var odd = Bytes(text.Replace(text.Split(",\n")[1], record + "\n]", StringComparison.Ordinal));
            var receipt = await WriteAsync(header.Id.ToString(), header, odd, Rules(format));
            receipt.RecordCount.ShouldBe(isWritten ? 2 : 1);
            receipt.DeadLettered.ShouldBe(isWritten ? 0 : 1);
        }
        await NextIsWrittenAsync(50);
    }

    [Theory]
    [InlineData("\u00ff")]
    [InlineData("\u00c3(")]
    [InlineData("\u00ed\u00a0\u0080")]
    [InlineData("\u00f5\u0080\u0080\u0080")]
    [InlineData("\u00c0\u00af")]
    [InlineData("\u00e2\u0082")]
    public async Task BytesThatAreNoUtf8ComeIntoNoLine(string bytes)
    {
        foreach (var (i, format) in Enum.GetValues<LogFormat>().Index())
        {
            var first = 10 * i + 1;
            string[] records =
            [
                Record(first, "app", "x", $"\"P\":\"{bytes}\""),
                Record(first + 1, "app", "x", $"\"P{bytes}\":1"),
                Record(first + 2, $"a{bytes}", "x", "\"P\":1"),
                Record(first + 3, "app", bytes, "\"P\":1"),
                Record(first + 4, "app", "good", "\"P\":1"),
            ];
            var array = LogBatchRecords.Encode([.. records.Select(record => (ReadOnlyMemory<byte>)Bytes(record))]);
            var (header, _) = SomeBatch.Of(first, "app", "app", "app", "app", "app");
            var receipt = await WriteAsync(Id(first), header with { Bytes = array.Length }, array, Rules(format));
            (receipt.RecordCount, receipt.DeadLettered).ShouldBe((1, 4));
        }
        var channel = _disk.Root.Directory("app");
        _disk.Root.ListDirectories().Where(name => !name.StartsWith('.') && name != DeadLetterBox.DirectoryName)
            .ShouldBe(["app"]);
        foreach (var file in channel.List())
            System.Text.Unicode.Utf8.IsValid(DurableFiles.StoreDirectoryExtensions.ReadAll(channel, file)).ShouldBeTrue(file);
    }

    static string Record(long sequence, string channel, string message, string more) =>
        $$"""{"@mt":"{{message}}","level":"info","channel":"{{channel}}","source":"shop","instance":"i1","seq":{{sequence}},{{more}}}""";

    static ChannelRules Rules(LogFormat format)
    {
        var environment = new EnvironmentReader(name => name == "LOG_FORMAT" ? format.ToString() : null);
        return ChannelVariables.Read(environment, ["LOG_FORMAT"], new LogWriterOptions().Retention);
    }

    [Fact]
    public async Task ARecordLaidOutOverLinesBecomesOneWithItsTextsUnchanged()
    {
        var (header, _) = SomeBatch.Of(1, "app");
        await WriteAsync(Id(1), header, "[{\n  \"a b\": \"\\ud800 \\\" \\\\\",\r\n\t\"n\": [1, 2]\n}]"u8.ToArray());
        SomeBatch.Lines(_disk.Root, "app").ShouldBe(["""{"a b":"\ud800 \" \\","n":[1,2]}"""]);
    }

    [Fact]
    public async Task MoreRecordsThanABatchMayHaveAreALetter()
    {
        var (header, _) = SomeBatch.Of(1, "app");
        var array = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Repeat("{}", PipelineDefaults.BatchRecordsLimit + 1)) + "]");
        await ShouldBeRefusedAsync(Id(1), header, array, "more than 50000 records");
    }

    [Fact]
    public void TheSmallestRecordsOfTheLargestBatchTakeLittleMemory()
    {
        var (header, _) = SomeBatch.Of(1, "app");
        var array = Encoding.UTF8.GetBytes("[" + string.Concat(Enumerable.Repeat("{},", 690_000)) + "{}]");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<BatchRefusedException>(() => BatchPreparer.Prepare(header with { RecordCount = 50_000 }, array));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(4 << 20);
    }

    [Fact]
    public async Task ATextThatItsTemplateMakesLongerThanABatchMayBeIsALetter()
    {
        var (header, _) = SomeBatch.Of(1, "app");
        var holes = string.Concat(Enumerable.Repeat("{a}", 99));
        var array = Encoding.UTF8.GetBytes($$"""[{"@mt":"{{holes}}","a":"{{new string('x', 1 << 20)}}"}]""");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var receipt = await WriteAsync(Id(1), header, array, Rules(LogFormat.Text));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100 << 20);
        _box.Read(receipt.DeadLetter.ShouldNotBeNull()).Head.Parts[0].Reason.ShouldContain("characters");
        await NextIsWrittenAsync(50);
    }
}
