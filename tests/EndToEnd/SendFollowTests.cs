using System.Diagnostics;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using TemporalDevServer;
using Xunit.Abstractions;
using Link = LogPipeline.TestSupport.Link;

namespace LogPipeline.EndToEnd;

/// <summary>
/// <c>logworker send --follow</c> as a shipper: real lines are appended to a file that is rotated in both ways, the
/// shipper is killed with -9 again and again, and the link to Temporal breaks meanwhile.
/// </summary>
public sealed class SendFollowTests(ITestOutputHelper output)
{
    const string Channel = "shipped";

    [SkippableFact]
    public async Task EachLineOfARotatedFileIsWrittenOnceOverKills()
    {
        Loghub.SkipIfMissing();
        var (count, rotations, kills) = LongRuns.Choose(usual: (10_000, 10, 5), @long: (100_000, 50, 20));
        var chance = new Random(kills);
        using var directory = new TempDirectory();
        Directory.CreateDirectory(directory.File("app"));
        await using var server = await DevServer.StartAsync();
        await using var proxy = new TcpProxy(server.Address);
        await using var worker = WorkerProgram.StartDaemon(server.Address, directory.File("logs"));
        var watch = Stopwatch.StartNew();

        // A number before each makes a line that comes twice another one.
        var real = Loghub.Mixed().Select(entry => entry.Line.TrimEnd('\r')).ToList();
        var lines = Enumerable.Range(0, count).Select(i => $"{i} {real[i % real.Count]}").ToList();
        var log = new RotatedLog(directory.File("app", "app.log"));
        log.Append(lines[..10]);
        // A run that was killed before it knew the file would begin with the one that has the name then.
        await using (var first = Start())
        {
            await Eventually.TrueAsync(() => Task.FromResult(PlaceIn(directory.Path).Length > 0), TimeSpan.FromSeconds(30),
                explain: () => first.Everything);
            await first.KillAsync();
        }
        var writing = Task.Run(() => WriteAsync(log, lines[10..], count / (rotations + 1),
            TimeSpan.FromSeconds(3 * kills), chance.Next()));
        for (var kill = 0; kill < kills; kill++)
        {
            proxy.Set(kill % 3 == 1 ? Link.Refused : Link.Passing);
            var place = PlaceIn(directory.Path);
            await using var killed = Start();
            // In the middle of its work, and not while it starts.
            await Eventually.TrueAsync(() => Task.FromResult(PlaceIn(directory.Path) != place || writing.IsCompleted),
                TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(20), () => killed.Everything);
            await Task.Delay(chance.Next(1, 1_000));
            await killed.KillAsync();
        }
        proxy.Set(Link.Passing);
        await using var last = Start();
        await writing;
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(directory.File("logs"))), written => written >= count,
            TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(200), () => $"{last.Everything}\n{Report(directory.Path)}");
        last.Terminate();
        await last.EndAsync();
        await worker.StopAsync();

        last.ExitCode.ShouldBe(0, last.Everything);
        last.Output.ShouldContain("accepted by Temporal");
        var written = WrittenRecord.ReadChannel(directory.File("logs"), Channel);
        output.WriteLine($"{count} lines, {log.Rotations} rotations, {kills} kills in {watch.Elapsed.TotalSeconds:0} s: "
            + $"{written.Count} written by {written.Select(record => record.Instance).Distinct().Count()} runs");
        log.Rotations.ShouldBeGreaterThanOrEqualTo(rotations);
        written.Select(record => record.Instance).Distinct().Count().ShouldBeGreaterThan(kills / 2);
        var numbers = written.ToLookup(record => NumberOf(record.Message));
        Enumerable.Range(0, count).Where(number => !numbers.Contains(number)).ShouldBeEmpty("Lost.");
        numbers.Where(number => number.Count() > 1).Select(number => number.Key).ShouldBeEmpty("Written more than once.");
        written.ShouldAllBe(record => record.Message == lines[NumberOf(record.Message)]);
        foreach (var run in written.GroupBy(record => record.Instance))
            run.OrderBy(record => record.Sequence).Select(record => NumberOf(record.Message)).ShouldBeInOrder();
        (await Verification.RunAsync(directory.File("logs"))).IsClean.ShouldBeTrue();
        Directory.GetFiles(directory.File("spool"), "*.records", SearchOption.AllDirectories).ShouldBeEmpty();

        ChildProcess Start() => ChildProcess.Start("dotnet",
            [WorkerProgram.Path, "send", "--follow", log.Path, "--channel", Channel, "--spool-directory", directory.File("spool")],
            new Dictionary<string, string>
            {
                ["TEMPORAL_ADDRESS"] = proxy.Address,
                // Some real lines hold digits that could be a card's.
                ["LOG_REDACTION"] = "Off",
            });
    }

    /// <summary>The place that was noted last; empty: none was.</summary>
    static string PlaceIn(string directory)
    {
        var spool = Path.Combine(directory, "spool");
        if (!Directory.Exists(spool)) return "";
        return Directory.GetFiles(spool, "place.json", SearchOption.AllDirectories) is [var file] ? File.ReadAllText(file) : "";
    }

    /// <summary>Where it stands when it does not come to the end.</summary>
    static string Report(string directory)
    {
        var files = new DirectoryInfo(Path.Combine(directory, "app")).GetFiles().Select(file => $"{file.Name} {file.Length} bytes");
        var numbers = WrittenRecord.ReadChannel(Path.Combine(directory, "logs"), Channel)
            .Select(record => NumberOf(record.Message)).ToHashSet();
        return string.Join('\n', [PlaceIn(directory), .. files,
            $"first missing {Enumerable.Range(0, int.MaxValue).First(number => !numbers.Contains(number))}, highest {numbers.Max()}"]);
    }

    static int NumberOf(string message) => int.Parse(message.AsSpan(0, message.IndexOf(' ')), CultureInfo.InvariantCulture);

    static async Task WriteAsync(RotatedLog log, List<string> lines, int linesOfFile, TimeSpan time, int seed)
    {
        const int Chunks = 400;
        var chance = new Random(seed);
        var chunk = Math.Max(1, lines.Count / Chunks);
        // The ten before are in the first file already.
        var inFile = 10;
        for (var at = 0; at < lines.Count;)
        {
            var count = Math.Min(chance.Next(1, 2 * chunk), Math.Min(lines.Count - at, linesOfFile - inFile));
            log.Append(lines.Slice(at, count));
            at += count;
            inFile += count;
            if (inFile == linesOfFile && at < lines.Count)
            {
                log.Rotate(copiesAndTruncates: chance.Next(2) == 0);
                inFile = 0;
            }
            await Task.Delay(time / Chunks);
        }
    }

    /// <summary>A file as a program and logrotate treat it.</summary>
    sealed class RotatedLog(string path)
    {
        public string Path => path;

        public int Rotations { get; private set; }

        public void Append(List<string> lines)
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
            using var file = Open(FileMode.Append);
            // In two parts: a reader meets lines that are not whole yet.
            file.Write(bytes.AsSpan(0, bytes.Length / 2));
            file.Flush();
            file.Write(bytes.AsSpan(bytes.Length / 2));
        }

        public void Rotate(bool copiesAndTruncates)
        {
            Rotations++;
            for (var number = 99; number > 0; number--)
                if (File.Exists($"{path}.{number}")) File.Move($"{path}.{number}", $"{path}.{number + 1}");
            if (copiesAndTruncates)
            {
                File.Copy(path, $"{path}.1");
                using var file = Open(FileMode.Open);
                file.SetLength(0);
            }
            else
            {
                File.Move(path, $"{path}.1");
                Open(FileMode.CreateNew).Dispose();
            }
        }

        FileStream Open(FileMode mode) =>
            new(path, mode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }
}
