using System.Text.RegularExpressions;

namespace LogPipeline.Tests.Tidy;

/// <summary>
/// Which folder may name which other one's types, inside a project whose folders are a way: of an event, or of a call. A new arrow is
/// written here first. Names are compared as text, so a type's name must be one that nothing else in its project has.
/// </summary>
public sealed partial class FolderDirectionTests
{
    const string Root = "";

    // From what an event meets last to what it meets first.
    static readonly Dictionary<string, string[]> Publisher = new()
    {
        [Root] = ["Options", "Publishing", "Spool", "Queue", "Capture", "Redaction", "Filtering", "Diagnostics"],
        ["Options"] = ["Redaction"],
        ["Publishing"] = ["Options", "Spool", "Queue", "Capture", "Filtering", "Diagnostics"],
        ["Spool"] = ["Options", "Queue", "Capture", "Diagnostics"],
        ["Queue"] = ["Options", "Capture", "Diagnostics"],
        ["Capture"] = ["Options", "Redaction"],
        ["Redaction"] = [],
        ["Filtering"] = ["Options"],
        ["Diagnostics"] = [],
    };

    static readonly Dictionary<string, string[]> Worker = new()
    {
        [Root] = ["Cli"],
        // The verb `tail` reads log files.
        ["Cli"] =
            ["Configuration", "Hosting", "Web", "Verify", "Canary", "Destinations", "DeadLetters", "Files", "Channels", "Formats",
                "Observability"],
        ["Hosting"] =
            ["Web", "Canary", "Activities", "Ordering", "DeadLetters", "Destinations", "Files", "Channels", "Claims", "Observability"],
        ["Web"] = ["DeadLetters", "Files", "Channels", "Formats", "Observability"],
        ["Canary"] = ["Destinations", "Batches", "Channels", "Formats", "Observability"],
        ["Verify"] = ["DeadLetters", "Batches", "Files", "Channels", "Formats", "Claims"],
        ["Activities"] = ["Ordering", "Destinations", "DeadLetters", "Batches", "Files", "Channels", "Observability"],
        ["Ordering"] = ["DeadLetters", "Batches", "Files", "Channels"],
        // A destination tells once what it finds out about its server.
        ["Destinations"] = ["DeadLetters", "Batches", "Files", "Channels", "Formats", "Observability"],
        ["DeadLetters"] = ["Batches", "Files", "Channels", "Formats", "Observability"],
        ["Batches"] = ["Files", "Channels", "Formats", "Claims"],
        ["Files"] = ["Channels", "Formats", "Claims"],
        ["Claims"] = ["Channels"],
        ["Channels"] = ["Formats"],
        ["Formats"] = [],
        ["Configuration"] = [],
        ["Observability"] = [],
    };

    // The engine decides, and knows nobody who carries its decisions out.
    static readonly Dictionary<string, string[]> DevServer = new()
    {
        ["Cli"] = [Root],
        [Root] = ["Grpc", "Host", "Journal", "Engine", "Observability"],
        ["Grpc"] = ["Host", "Engine", "Observability"],
        ["Host"] = ["Journal", "Engine"],
        ["Journal"] = ["Engine", "Observability"],
        ["Engine"] = [],
        ["Observability"] = [],
    };

    [Fact]
    public void EveryArrowBetweenThePublishersFoldersIsAnAllowedOne() => Wrong(Read("src/LogPublisher"), Publisher).ShouldBeEmpty();

    [Fact]
    public void EveryArrowBetweenTheWorkersFoldersIsAnAllowedOne() => Wrong(Read("src/LogWorker"), Worker).ShouldBeEmpty();

    [Fact]
    public void EveryArrowBetweenTheEmbeddedServersFoldersIsAnAllowedOne() =>
        Wrong(Read("src/TemporalDevServer"), DevServer).ShouldBeEmpty();

    [Fact]
    public void WhatIsAllowedIsNoCircle()
    {
        foreach (var allowed in new[] { Publisher, Worker, DevServer })
            foreach (var folder in allowed.Keys) Below(folder, allowed).ShouldNotContain(folder);
    }

    [Fact]
    public void AnArrowThatIsNotAllowedIsFound()
    {
        var files = Read("src/LogPublisher");
        files.Add(("Redaction", "Planted.cs", "namespace X;\nsealed class Planted(PublishLoop loop);"));
        Wrong(files, Publisher).ShouldBe(["Redaction/Planted.cs names PublishLoop of Publishing"]);
    }

    [Fact]
    public void AFolderThatNobodyNamedIsFound()
    {
        var files = Read("src/LogPublisher");
        files.Add(("Misc", "Planted.cs", "namespace X;\nsealed class Planted;"));
        Wrong(files, Publisher).ShouldBe(["Misc is not named here: say what it may know"]);
    }

    static List<(string Folder, string File, string Code)> Read(string project)
    {
        var files = SourceFiles.Under(project).Select(file =>
        {
            var path = file.Path[(project.Length + 1)..].Split('/');
            return (path.Length > 1 ? path[0] : Root, path[^1], Plain(file.Code));
        }).ToList();
        files.ShouldNotBeEmpty();
        return files;
    }

    static List<string> Wrong(List<(string Folder, string File, string Code)> files, Dictionary<string, string[]> allowed)
    {
        var folders = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var (folder, _, code) in files)
            foreach (Match type in Declared().Matches(code))
            {
                if (!folders.TryGetValue(type.Groups[1].Value, out var of)) folders[type.Groups[1].Value] = of = [];
                of.Add(folder);
            }
        var wrong = files.Select(file => file.Folder).Distinct().Where(folder => !allowed.ContainsKey(folder))
            .Select(folder => $"{folder} is not named here: say what it may know").ToList();
        foreach (var (folder, file, code) in files.Where(file => allowed.ContainsKey(file.Folder)))
            foreach (var name in Word().Matches(code).Select(match => match.Value).Distinct().Where(folders.ContainsKey))
                if (!folders[name].Contains(folder) && !folders[name].Any(allowed[folder].Contains))
                    wrong.Add($"{folder}/{file} names {name} of {string.Join(" and ", folders[name])}");
        return wrong;
    }

    static HashSet<string> Below(string folder, Dictionary<string, string[]> allowed)
    {
        var below = new HashSet<string>(allowed[folder]);
        for (var before = 0; before < below.Count;)
        {
            before = below.Count;
            below.UnionWith([.. below.SelectMany(one => allowed[one])]);
        }
        return below;
    }

    static string Plain(string code) => Text().Replace(code, "");

    [GeneratedRegex(@"//.*|""(?:\\.|[^""\\\n])*""")]
    private static partial Regex Text();

    [GeneratedRegex(
        @"^(?:(?:public|static|sealed|abstract|partial|readonly|ref)\s+)*"
        + @"(?:class|record\s+struct|record|struct|interface|enum|delegate\s+[\w<>\[\]?, ]+)\s+(\w+)", RegexOptions.Multiline)]
    private static partial Regex Declared();

    [GeneratedRegex(@"\b[A-Z]\w*\b")]
    private static partial Regex Word();
}
