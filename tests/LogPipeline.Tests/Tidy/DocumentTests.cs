using System.Text.RegularExpressions;
using System.Xml.Linq;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Tidy;

/// <summary>Documents are short where they begin, and lead to what is there.</summary>
public sealed partial class DocumentTests
{
    const int FrontPageLinesMax = 150;

    [Theory]
    [InlineData("README.md")]
    [InlineData("ARCHITECTURE.md")]
    public void AFrontPageIsShort(string path) =>
        File.ReadAllLines(Repository.PathOf(path)).Length.ShouldBeLessThanOrEqualTo(FrontPageLinesMax);

    [Fact]
    public void EveryRelativeLinkLeadsToAFileAndToAHeadingInIt()
    {
        var documents = Documents.All().ToList();
        documents.Select(document => document.Path).ShouldContain("README.md");
        documents.SelectMany(document => Documents.RelativeLinks(document.Text)).Count().ShouldBeGreaterThan(50);
        documents.SelectMany(Dead).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("[x](nowhere.md)", "README.md: nowhere.md")]
    [InlineData("[x](docs/spool.md#no-such-heading)", "README.md: docs/spool.md#no-such-heading")]
    [InlineData("[x](#no-such-heading)", "README.md: #no-such-heading")]
    public void ALinkToNowhereIsFound(string text, string dead) => Dead(new Document("README.md", text)).ShouldBe([dead]);

    [Fact]
    public void TheReadmeLeadsToEveryDocumentOfItsUsers()
    {
        var linked = Documents.RelativeLinks(File.ReadAllText(Repository.PathOf("README.md"))).ToHashSet();
        // What is being worked on is nobody's manual.
        Documents.All().Select(document => document.Path)
            .Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && path != "docs/PROGRESS.md")
            .Where(path => !linked.Contains(path)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("src/LogPublisher")]
    [InlineData("src/LogWorker")]
    public void TheDrawingHasEveryRoom(string project)
    {
        var drawing = Documents.Section("ARCHITECTURE.md", "The rooms");
        var rooms = SourceFiles.Under(project).Select(file => file.Path[(project.Length + 1)..].Split('/'))
            .Where(path => path.Length > 1).Select(path => path[0]).Distinct().ToList();
        rooms.Count.ShouldBeGreaterThan(5);
        rooms.Where(room => !Regex.IsMatch(drawing, $@"\b{room}\b", RegexOptions.None, TimeSpan.FromSeconds(1))).ShouldBeEmpty();
    }

    [Fact]
    public void TheWalkEntersEachFolderOnce()
    {
        var steps = Step().Split(Documents.Section("ARCHITECTURE.md", "A walk"))[1..];
        steps.Length.ShouldBeGreaterThan(10);
        // Behind the last step stands the way back.
        steps[^1] = steps[^1].Split("\n\n")[0];
        var folders = steps.Select(step =>
            Documents.RelativeLinks(step).Select(path => Path.GetDirectoryName(path)!).Distinct().ShouldHaveSingleItem(step)).ToList();
        folders[0].ShouldBe("src/LogPublisher");
        folders.ShouldBeUnique();
    }

    [Fact]
    public void EveryDecisionSaysItsContextItsMeasurementAndWhatWasDecided()
    {
        var decisions = File.ReadAllText(Repository.PathOf("docs", "decisions.md")).Split("\n### ")[1..];
        decisions.Length.ShouldBeGreaterThan(20);
        foreach (var decision in decisions)
            Part().Matches(decision).Select(part => part.Groups[1].Value)
                .ShouldBe(["Context", "Measurement", "Decision"], decision.Split('\n')[0]);
    }

    [Fact]
    public void TheNoticeNamesEveryPackageThatIsShipped()
    {
        var notice = File.ReadAllText(Repository.PathOf("NOTICE"));
        var packages = Directory.GetFiles(Repository.PathOf("src"), "*.csproj", SearchOption.AllDirectories)
            .SelectMany(project => XDocument.Load(project).Descendants("PackageReference"))
            // Tools of the build stay here.
            .Where(package => (string?)package.Attribute("PrivateAssets") != "all")
            .Select(package => (string)package.Attribute("Include")!).Distinct().ToList();
        packages.ShouldContain("Temporalio");
        packages.Where(name => !name.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal))
            .Where(name => !notice.Contains(name, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    static IEnumerable<string> Dead(Document document)
    {
        var folder = Path.GetDirectoryName(Repository.PathOf(document.Path))!;
        foreach (var link in Documents.RelativeLinks(document.Text))
        {
            var parts = link.Split('#', 2);
            var path = parts[0].Length == 0 ? Repository.PathOf(document.Path) : Path.GetFullPath(parts[0], folder);
            var text = parts[0].Length == 0 ? document.Text : File.Exists(path) ? File.ReadAllText(path) : null;
            var isThere = text is null ? parts.Length == 1 && Directory.Exists(path)
                : parts.Length == 1 || Documents.Anchors(text).Contains(parts[1]);
            if (!isThere) yield return $"{document}: {link}";
        }
    }

    [GeneratedRegex(@"^\d+\. ", RegexOptions.Multiline)]
    private static partial Regex Step();

    [GeneratedRegex(@"^- \*\*(\w+)\.\*\*", RegexOptions.Multiline)]
    private static partial Regex Part();
}
