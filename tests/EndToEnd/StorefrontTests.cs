using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd;

/// <summary>The README's first command, run as its reader runs it.</summary>
public sealed partial class StorefrontTests : IDisposable
{
    static readonly string Configuration =
        typeof(StorefrontTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;
    static readonly string Project = Repository.PathOf("samples", "Storefront");
    static readonly string Program = Path.Combine(Project, "bin", Configuration, "net10.0", "Storefront.dll");

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task OneCommandRunsTheWholeWayAndEveryEventIsAccountedFor()
    {
        var run = await ChildProcess.RunAsync("dotnet",
            ["run", "--no-build", "-c", Configuration, "--project", Project, "--", "--seconds", "2", "--rate", "300"],
            directory: _directory.Path, waitMax: TimeSpan.FromMinutes(3));

        run.ExitCode.ShouldBe(0, run.Everything);
        run.Output.ShouldContain("embedded in this program");
        run.Output.ShouldContain("It balances.");
        var (emitted, written) = (Count(run, "emitted"), Count(run, "= written"));
        emitted.ShouldBe(600, run.Everything);
        (written + Count(run, "+ spooled") + Count(run, "+ dropped")).ShouldBe(emitted, run.Everything);
        var records = WrittenRecord.ReadAll(Path.Combine(Directory.GetDirectories(_directory.File("artifacts/storefront"))
            .ShouldHaveSingleItem(), "logs"));
        records.Select(record => record.Sequence).Order().ShouldBe(Enumerable.Range(1, (int)written).Select(number => (long)number));
        records.Select(record => record.Channel).Distinct().ShouldBe(["app", "payments", "stock"], ignoreOrder: true);
        ShouldBeGone(run);
    }

    [Fact]
    public async Task StoppedInTheMiddleItEndsWhatItStarted()
    {
        await using var run = ChildProcess.Start("dotnet", [Program, "--seconds", "600"], directory: _directory.Path);
        await run.LineAsync(line => line.Contains("emitted", StringComparison.Ordinal));
        run.Terminate();
        await run.EndAsync(TimeSpan.FromSeconds(40));

        run.ExitCode.ShouldBe(130, run.Everything);
        run.Errors.ShouldContain("Stopped before the end");
        ShouldBeGone(run);
    }

    [Fact]
    public async Task KeptItTellsOneAddressAndTheShopGoesOn()
    {
        await using var run = ChildProcess.Start(
            "dotnet", [Program, "--seconds", "1", "--rate", "50", "--keep"], directory: _directory.Path);
        await run.LineAsync(line => line.Contains("Until Ctrl+C", StringComparison.Ordinal));
        var address = Page().Match(run.Output).Groups["address"].Value;
        address.ShouldNotBeEmpty(run.Everything);
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        await Eventually.TrueAsync(async () =>
        {
            using var stats = JsonDocument.Parse(await http.GetStringAsync(new Uri("/api/stats", UriKind.Relative)));
            return stats.RootElement.GetProperty("records").GetProperty("written").GetInt64() > 100;
        }, TimeSpan.FromSeconds(60));
        run.Terminate();
        await run.EndAsync(TimeSpan.FromSeconds(40));

        run.ExitCode.ShouldBe(0, run.Everything);
        ShouldBeGone(run);
    }

    [SkippableFact]
    public async Task AServerOfOnesOwnIsUsedAndNothingEmbeddedStarts()
    {
        RealServers.SkipIfMissing();
        await using var temporal = await TemporalServer.StartNewAsync();
        var run = await ChildProcess.RunAsync("dotnet", [Program, "--seconds", "1", "--rate", "100"],
            new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = temporal.Address }, _directory.Path, waitMax: TimeSpan.FromMinutes(3));

        run.ExitCode.ShouldBe(0, run.Everything);
        run.Output.ShouldContain($"{temporal.Address}, as TEMPORAL_ADDRESS says");
        run.Output.ShouldNotContain("embedded");
        run.Output.ShouldContain("It balances.");
        Directory.EnumerateDirectories(_directory.Path, "temporal", SearchOption.AllDirectories).ShouldBeEmpty();
        var list = await temporal.CliAsync("workflow", "list");
        list.Output.ShouldContain("LogProcessingWorkflow");
    }

    static long Count(ChildProcess run, string row)
    {
        var line = run.Output.Split('\n').Select(line => line.Trim()).Last(line => line.StartsWith(row + " ", StringComparison.Ordinal));
        return long.Parse(Number().Match(line).Value, NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }

    static void ShouldBeGone(ChildProcess run)
    {
        var ids = ProcessId().Matches(run.Output)
            .Select(match => int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture)).ToArray();
        // The worker's; the server is a part of the program itself.
        var id = ids.ShouldHaveSingleItem(run.Everything);
        Should.Throw<ArgumentException>(() => Process.GetProcessById(id));
    }

    [GeneratedRegex(@"[\d,]+")]
    private static partial Regex Number();

    [GeneratedRegex(@"Look at it +(?<address>http://[\d.:]+)")]
    private static partial Regex Page();

    [GeneratedRegex(@"\(pid (?<id>\d+)\)")]
    private static partial Regex ProcessId();
}
