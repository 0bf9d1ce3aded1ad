using System.Reflection;
using System.Runtime.InteropServices;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

/// <summary>An application that is published trimmed: nothing of ours is warned of, and what is left of the sink works.</summary>
public sealed class TrimmedHostTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    static readonly string Configuration = typeof(TrimmedHostTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>Known to others: how an enum's original name is found for JSON, and what <c>{@Anonymous}</c> destructures.</summary>
    static readonly string[] NotOurs = ["Google.Protobuf.JsonFormatter.OriginalEnumValueHelper", "Serilog.Capturing.PropertyValueConverter"];

    [Fact]
    public async Task ATrimmedApplicationLogsAndNothingOfOursIsWarnedOf()
    {
        using var folder = new TempDirectory();
        // What was trimmed before is not analysed again, and a second run would see no warning.
        var linked = Repository.PathOf("tests", "AotHost", "obj", Configuration, "net10.0", RuntimeInformation.RuntimeIdentifier, "linked");
        if (Directory.Exists(linked)) Directory.Delete(linked, recursive: true);
        var published = await ChildProcess.RunAsync("dotnet", ["publish", Repository.PathOf("tests", "AotHost"), "-c", Configuration, "-o", folder.File("app"), "-nologo",
            "-p:TreatWarningsAsErrors=false"], waitMax: TimeSpan.FromMinutes(8));
        published.ExitCode.ShouldBe(0, published.Everything);
        var warnings = published.Output.Split('\n').Where(line => line.Contains("warning IL")).ToList();
        warnings.ShouldNotBeEmpty("the analysis did not run");
        warnings.Where(line => !NotOurs.Any(line.Contains)).ShouldBeEmpty();

        var run = await ChildProcess.RunAsync(folder.File("app", "AotHost"), [], new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = server.Address,
            ["LOG_SPOOL_DIRECTORY"] = folder.File("spool"),
            ["LOG_SOURCE"] = "trimmed",
        });
        run.ExitCode.ShouldBe(0, run.Everything);
        run.Output.ShouldContain("accepted 11, spooled 0, dropped 0");
        (await SentRecords.OfAsync(server.Address, "trimmed")).Count.ShouldBe(11);
    }
}
