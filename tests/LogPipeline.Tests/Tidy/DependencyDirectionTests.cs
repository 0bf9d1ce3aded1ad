using System.Text.RegularExpressions;
using System.Xml.Linq;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Tidy;

/// <summary>Which project may know which. A new project or arrow is written here first.</summary>
public sealed partial class DependencyDirectionTests
{
    static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["DurableFiles"] = [],
        ["TemporalDevServer"] = ["DurableFiles"],
        ["Workflows"] = [],
        ["LogPublisher"] = ["Workflows", "DurableFiles"],
        // What a generic host needs beside the sink, so that a plain application carries none of it.
        ["LogPublisher.Hosting"] = ["LogPublisher"],
        // What needs ASP.NET, so that a host without it needs none.
        ["LogPublisher.AspNetCore"] = ["LogPublisher.Hosting"],
        // Its command line composes programs, `send` and `server` among them; that nothing else in it knows the publisher or the server are
        // tests of their own below.
        ["LogWorker"] = ["Workflows", "DurableFiles", "LogPublisher", "TemporalDevServer"],
        ["LogEvents"] = ["Workflows", "LogPublisher"],
    };

    [Fact]
    public void EveryArrowBetweenProjectsIsAnAllowedOne()
    {
        var projects = Directory.GetFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories);
        projects.ShouldNotBeEmpty();
        foreach (var project in projects)
        {
            var name = Path.GetFileNameWithoutExtension(project);
            Allowed.ShouldContainKey(name, $"{name} is not named here: say what it may know.");
            ReferencedPaths(project).Select(path => Path.GetFileNameWithoutExtension(path))
                .ShouldBeSubsetOf(Allowed[name], $"{name} knows more than it may.");
        }
    }

    [Fact]
    public void LibrariesNeverKnowTestsSamplesOrBenchmarks()
    {
        foreach (var project in Directory.GetFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories))
            foreach (var path in ReferencedPaths(project))
                Path.GetFullPath(path, Path.GetDirectoryName(project)!).ShouldStartWith(Repository.PathOf("src"));
    }

    [Fact]
    public void OnlyTheWorkersCommandLineKnowsThePublisher()
    {
        Naming("LogPipeline.Publisher", "src/LogWorker")
            .Where(path => !path.StartsWith("src/LogWorker/Cli/", StringComparison.Ordinal) && path != "src/LogWorker/Program.cs")
            .ShouldBeEmpty();
    }

    [Fact]
    public void OnlyTheWorkersCommandLineKnowsTheEmbeddedServer() =>
        Naming("TemporalDevServer", "src/LogWorker").Where(path => !path.StartsWith("src/LogWorker/Cli/", StringComparison.Ordinal))
            .ShouldBeEmpty();

    [Theory]
    [InlineData("Engine", "Journal", "Host", "Grpc", "Cli")]
    [InlineData("Journal", "Host", "Grpc", "Cli")]
    [InlineData("Host", "Grpc", "Cli")]
    public void InTheEmbeddedServerWhatDecidesKnowsNothingOfWhatCarries(string folder, params string[] others)
    {
        foreach (var other in others) Naming($"TemporalDevServer.{other}", $"src/TemporalDevServer/{folder}").ShouldBeEmpty();
    }

    [Fact]
    public void TheEmbeddedServerTakesMessagesOnlyFromTemporalsPackage() =>
        SourceFiles.Under("src/TemporalDevServer").Where(file => OtherThanMessages().IsMatch(file.Code)).ShouldBeEmpty();

    [Fact]
    public void NoneOfTemporalsProtoFilesStandsHere() =>
        Directory.GetFiles(Repository.PathOf("src"), "*.proto", SearchOption.AllDirectories)
            .Select(path => Path.GetFileName(path)).ShouldBe(["state.proto"]);

    [Fact]
    public void ThePublisherNeverKnowsTheWorker() => Naming("LogPipeline.Worker", "src/LogPublisher").ShouldBeEmpty();

    [Fact]
    public void TheContractDoesNoInputOrOutputOfItsOwn()
    {
        string[] inputAndOutput = ["System.IO", "File.", "Directory.", "HttpClient", "System.Net", "Socket", "Process.", "Console."];
        foreach (var file in SourceFiles.Under("src/Workflows"))
            foreach (var name in inputAndOutput)
                // Compressing bytes in memory is neither.
                file.Code.Replace("System.IO.Compression", "", StringComparison.Ordinal)
                    .ShouldNotContain(name, Case.Sensitive, $"{file} names {name}");
    }

    [Fact]
    public void TheContractDependsOnTemporalsPackageAndNoOther() =>
        PackagesOf(Repository.PathOf("src", "Workflows", "Workflows.csproj")).ShouldBe(["Temporalio"]);

    [Fact]
    public void ThePublisherHasTemporalFromTheContractAlone() =>
        PackagesOf(Repository.PathOf("src", "LogPublisher", "LogPublisher.csproj"))
            .ShouldNotContain(name => name.StartsWith("Temporalio", StringComparison.Ordinal));

    [Fact]
    public void DurableFilesDependsOnNoPackage() =>
        PackagesOf(Repository.PathOf("src", "DurableFiles", "DurableFiles.csproj")).ShouldBeEmpty();

    static IEnumerable<string> Naming(string @namespace, string folder) =>
        SourceFiles.Under(folder).Where(file => file.Code.Contains(@namespace, StringComparison.Ordinal)).Select(file => file.Path);

    static IEnumerable<string> ReferencedPaths(string project) =>
        XDocument.Load(project).Descendants("ProjectReference")
            .Select(reference => ((string)reference.Attribute("Include")!).Replace('\\', '/'));

    static IEnumerable<string> PackagesOf(string project) =>
        XDocument.Load(project).Descendants("PackageReference").Select(reference => (string)reference.Attribute("Include")!);

    [GeneratedRegex(@"\bTemporalio\.(?!Api\.)")]
    private static partial Regex OtherThanMessages();
}
