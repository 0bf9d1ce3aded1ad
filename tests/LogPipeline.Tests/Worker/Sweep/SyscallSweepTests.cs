using System.Collections.Concurrent;
using System.Diagnostics;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Verify;
using LogPipeline.TestProgram.Writer;
using Xunit.Abstractions;

namespace LogPipeline.Tests.Worker.Sweep;

/// <summary>
/// The real writer in a process of its own, killed at each of its system calls in turn, and each refused with EIO and ENOSPC;
/// then another life of it, which is offered the batches again.
/// </summary>
public sealed class SyscallSweepTests(ITestOutputHelper output) : IDisposable
{
    const int UsualPoints = 60;

    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task NothingIsLostOrWrittenTwiceWhicheverSystemCallFailsOrIsTheLast()
    {
        await SkipIfImpossibleAsync();
        await SweepAsync();
    }

    [SkippableFact]
    public async Task NothingIsLostOrWrittenTwiceWhicheverCallOfTheRecoveryFromACrashFailsOrIsTheLast()
    {
        await SkipIfImpossibleAsync();
        // Killed when a batch was begun, and its lines were in one of its files and not in the other.
        var (_, paths) = await StracedScript.CountAsync(_folder.File("counted"), _folder.File("counted.acks"));
        var chosen =
            paths.Single(path => path.StartsWith("web/", StringComparison.Ordinal) && path.EndsWith(".clef", StringComparison.Ordinal));
        (await StracedScript.BreakAsync(new SweepPoint("pwrite64", 2, SweepPoint.Kill), _folder.File("before"), _folder.File("before.acks"),
            [chosen])).ShouldBeTrue();
        LedgerSnapshot.Read(new PhysicalDirectory(_folder.File("before")), Script.Options).Begun.Count.ShouldBe(1);
        await SweepAsync();
    }

    static async Task SkipIfImpossibleAsync()
    {
        var missing = await StracedScript.MissingBecauseAsync();
        Skip.If(missing is not null, $"Not possible on this machine: {missing}");
    }

    async Task SweepAsync()
    {
        var watch = Stopwatch.StartNew();
        var (directory, acks) = Copy(_folder);
        var (calls, paths) = await StracedScript.CountAsync(directory, acks);
        // Of every call and every fault some, also where only a sample is taken.
        SweepPoint[] all = [.. from call in calls from fault in SweepPoint.Faults from number in Enumerable.Range(1,
            call.Count) select new SweepPoint(call.Call, number, fault)];
        var chance = new Random(7);
        var chosen = LongRuns.Asked ? all : [.. all.GroupBy(point => (point.Call, point.Fault))
            .SelectMany(kind => kind.OrderBy(_ => chance.Next()).Take(1 + UsualPoints * kind.Count() / all.Length))];
        var covered = new ConcurrentBag<SweepPoint>();
        var problems = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(chosen, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (point, _) =>
        {
            var problem = await TryAsync(point, paths);
            if (problem is null) covered.Add(point);
            else problems.Add($"{point}: {problem}");
        });

        output.WriteLine($"{string.Join(", ", calls.Select(call => $"{call.Count} {call.Call}"))}");
        output.WriteLine($"{covered.Count} points covered / {all.Length} "
            + $"points{(LongRuns.Asked ? "" : $" ({chosen.Length} asked for)")}, {watch.Elapsed.TotalSeconds:0} s");
        foreach (var fault in SweepPoint.Faults) output.WriteLine($"  {fault}: {covered.Count(point => point.Fault == fault)}");
        problems.ShouldBeEmpty();
        covered.Count.ShouldBeGreaterThanOrEqualTo(UsualPoints);
    }

    /// <summary>The directory as it is before the run, once more, if there is one.</summary>
    (string Directory, string Acks) Copy(TempDirectory folder)
    {
        var (before, directory, acks) = (_folder.File("before"), folder.File("logs"), folder.File("acks"));
        if (!Directory.Exists(before)) return (directory, acks);
        Directory.CreateDirectory(directory);
        foreach (var inner in Directory.GetDirectories(before)) Directory.CreateDirectory(Path.Combine(directory, Path.GetFileName(inner)));
        foreach (var file in Directory.GetFiles(before, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(directory, Path.GetRelativePath(before, file)));
        if (File.Exists(_folder.File("before.acks"))) File.Copy(_folder.File("before.acks"), acks);
        return (directory, acks);
    }

    /// <summary>What is wrong after a fault at this point; null: nothing.</summary>
    async Task<string?> TryAsync(SweepPoint point, IReadOnlyList<string> paths)
    {
        using var folder = new TempDirectory();
        var (directory, acks) = Copy(folder);
        if (!await StracedScript.BreakAsync(point, directory, acks, paths)) return "The call was not made.";

        // As an operator or an agent finds it, before another life repairs anything.
        var root = new PhysicalDirectory(directory);
        if (Fault(root, acks) is { } before) return $"Before the restart: {before}";
        var again = await Script.LiveAsync(() => root, new StepClock(), Script.Batches, batch =>
            File.AppendAllText(acks,
                $"{batch.Id.Source}/{batch.Id.Instance}/{batch.Id.FirstSequence}-{batch.Id.FirstSequence + batch.RecordCount - 1}\n"));
        if (!again) return "The next life did not write the batches.";
        if (Fault(root, acks) is { } after) return $"After the restart: {after}";
        return Incomplete(root);
    }

    static string? Fault(StoreDirectory root, string acks)
    {
        var report =
            new Verifier(root, Script.Options) { Acknowledged = AckLog.Read(File.Exists(acks) ? File.ReadAllText(acks) : "") }.Run();
        return report.IsClean ? null
            : string.Join("; ", report.Examples.Select(example => $"{example.Kind} {example.Where} {example.What}"));
    }

    // Retention removes files, which verify takes as it is; here it is known which may go.
    static string? Incomplete(StoreDirectory root)
    {
        var ledger = LedgerSnapshot.Read(root, Script.Options);
        if (ledger.Begun.Count > 0) return $"{ledger.Begun.Count} batches are begun and not finished.";
        if (ledger.Written.Count != Script.Batches.Length) return $"{ledger.Written.Count} batches have a receipt.";
        var parts = ledger.Written.SelectMany(entry => entry.Parts).ToArray();
        var last = parts.GroupBy(part => part.Name.Channel).Select(channel => channel.MaxBy(part => part.Name)!.Name);
        foreach (var name in last)
            if (!root.Directory(name.Channel.ToString()).Exists(name.FileName)) return $"{name} is gone.";
        var there = parts.Where(part => root.Directory(part.Name.Channel.ToString()).Exists(part.Name.FileName))
            .Sum(part => part.RecordCount);
        var records = new Verifier(root, Script.Options).Run().Records;
        return records == there ? null : $"The files hold {records} records; the receipts for them name {there}.";
    }
}
