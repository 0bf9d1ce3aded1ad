using System.Text.Json;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Verify;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

/// <summary>Channels as somebody chooses who wants to do harm, from a logged record to the file, on a real file system.</summary>
public sealed class HostileChannelTests : IDisposable
{
    const int BatchRecords = 1000;

    // In memory where the system has such a place: every new file is synced.
    readonly string _folder = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory($"/dev/shm/{Some.Name("logpipeline")}").FullName
        : Directory.CreateTempSubdirectory("logpipeline-").FullName;

    string Logs => Path.Combine(_folder, "a", "logs");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task TenThousandHostileNamesStayInTheLogDirectoryEachInAFileOfItsOwn()
    {
        var channels = Hostile(10_000, seed: 20261121);
        await using (var writer = new LogWriter(new PhysicalDirectory(Logs),
            new LogWriterOptions { ChannelsMax = 100_000 }, TimeProvider.System))
        {
            writer.Start();
            await WriteAsync(writer, channels);
        }
        // Nothing beside the log directory, and in it nothing but channels and the ledger.
        Directory.GetFileSystemEntries(_folder, "*", SearchOption.TopDirectoryOnly).ShouldBe([Path.Combine(_folder, "a")]);
        Directory.GetFileSystemEntries(Path.Combine(_folder, "a")).ShouldBe([Logs]);
        var root = new PhysicalDirectory(Logs);
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in root.ListDirectories().Where(name => name != LedgerFiles.DirectoryName))
        {
            ChannelName.TryParse(name, out var parsed).ShouldBeTrue(name);
            var lines = SomeBatch.LinesOf(root.Directory(name));
            var channel = lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("seq").GetInt64())
                .Select(number => channels[(int)number - 1]).ShouldHaveSingleItem();
            ChannelName.Of(channel).ShouldBe(parsed);
            found.Add(channel);
        }
        found.Count.ShouldBe(10_000);
        new Verifier(root, new LogWriterOptions()).Run().IsClean.ShouldBeTrue();
    }

    /// <summary>100,000 directories only in the long form: each is synced twice.</summary>
    public static TheoryData<int> Caps => LongRuns.Choose(usual: new TheoryData<int> { 1_000, 5_000 }, @long: [1_000, 5_000, 100_000]);

    [SkippableTheory, MemberData(nameof(Caps))]
    public async Task AHundredThousandChannelsNeverHaveMoreFilesOpenThanTheBoundAndTheRestIsInOverflow(int channelsMax)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Open files are listed on Linux.");
        const int open = 128;
        var channels = Enumerable.Range(0, 100_000).Select(i => $"tenant {i}").ToList();
        using var ended = new CancellationTokenSource();
        var most = 0;
        // Within a group as well, which one batch of a thousand channels is.
        var watching = Task.Run(() =>
        {
            // A listing takes a while, in which one file is closed and another opened; what two in a row have was open between them.
            var before = new HashSet<string>(StringComparer.Ordinal);
            while (!ended.IsCancellationRequested)
            {
                var now = OpenFiles.Under(Logs).Where(path => path.Contains(".clef", StringComparison.Ordinal))
                    .ToHashSet(StringComparer.Ordinal);
                most = Math.Max(most, now.Count(before.Contains));
                before = now;
            }
        });
        await using (var writer = new LogWriter(new PhysicalDirectory(Logs),
            new LogWriterOptions { ChannelsMax = channelsMax, OpenFilesMax = open }, TimeProvider.System))
        {
            writer.Start();
            await WriteAsync(writer, channels);
        }
        await ended.CancelAsync();
        await watching;
        most.ShouldBeInRange(1, open);
        var root = new PhysicalDirectory(Logs);
        // The ledger, the channels, and overflow.
        root.ListDirectories().Count.ShouldBe(1 + channelsMax + (channelsMax < channels.Count ? 1 : 0));
        new Verifier(root, new LogWriterOptions()).Run()
            .ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Records.ShouldBe(100_000));
    }

    static async Task WriteAsync(LogWriter writer, IReadOnlyList<string> channels)
    {
        for (var first = 0; first < channels.Count; first += BatchRecords)
            await writer.WriteAsync(Batch(first + 1, [.. channels.Skip(first).Take(BatchRecords)]));
    }

    // As the sink would: a channel's text is a JSON text, so that a lone surrogate arrives as what it is.
    static PreparedBatch Batch(long first, string[] channels)
    {
        var (header, _) = SomeBatch.Of(first, [.. channels.Select((_, i) => $"c{i}")]);
        var lines = new MemoryStream();
        var parts = new List<PreparedPart>();
        for (var i = 0; i < channels.Length; i++)
        {
            var line = Encoding.UTF8.GetBytes(
                $$"""{"@t":"2026-11-21T10:00:00Z","@mt":"x","level":"info","source":"shop","instance":"i1","seq":{{first + i}}}""" + "\n");
            lines.Write(line);
            parts.Add(new PreparedPart(channels[i], line.Length, 1, Crc32C.Compute(line)));
        }
        return new PreparedBatch(header.Id, lines.ToArray(), parts);
    }

    static List<string> Hostile(int count, int seed)
    {
        var random = new Random(seed);
        string[] pieces =
        [
            "..", "/", "\\", "\0", "CON", "con", "NUL.txt", "aux", "com1", ".", " ", "é", "É", "e\u0301", "\u202e", "\ud800", "\udc00",
            "😀", "a", "A", "app", "App", "-", "--", "---", "%2f", "%2e%2e",
            "\n", "\r", "\t", "~", ":", "\u001b[2J", "x", "overflow", "dead-letters", ".ledger", "owner", "0123456789abcdef", "etc/passwd",
            "ß", "SS", "İ", "i", "\u200b", "\ufeff", "*", "?", "|", "<", "&", "$(id)", "`id`", "'",
        ];
        var channels = new HashSet<string>(StringComparer.Ordinal)
        {
            "", ".", "..", "/", "../..", "/etc/passwd", "..\\..\\x", "app", "APP", "overflow", "dead-letters", ".ledger",
            "owner", "lost+found",
            new('a', 64), new('a', 65), new('A', 64), new('a', 4096), new('a', 4097), new('.', 300), new('-', 300),
        };
        // What the encoding of others looks like, given as a name itself.
        foreach (var channel in (string[])["App", "../x", "con", "overflow", ""]) channels.Add(ChannelName.Of(channel).ToString());
        while (channels.Count < count)
        {
            var text = new StringBuilder();
            for (var i = random.Next(1, 14); i > 0; i--) text.Append(pieces[random.Next(pieces.Length)]);
            channels.Add(text.ToString());
        }
        return [.. channels];
    }
}
