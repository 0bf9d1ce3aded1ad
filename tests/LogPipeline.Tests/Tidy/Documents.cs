using System.Text.RegularExpressions;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Tidy;

/// <summary>The repository's own documents, without what a build or a package manager put there.</summary>
static partial class Documents
{
    static readonly string[] NotOurs = ["bin", "obj", "artifacts", "node_modules", "StrykerOutput"];

    public static IEnumerable<Document> All() =>
        new DirectoryInfo(Repository.Root).EnumerateFiles("*.md", new EnumerationOptions { RecurseSubdirectories = true })
            .Select(file => Path.GetRelativePath(Repository.Root, file.FullName).Replace('\\', '/'))
            .Where(path => !path.Split('/').Any(part => NotOurs.Contains(part)))
            .Order(StringComparer.Ordinal)
            .Select(path => new Document(path, File.ReadAllText(Repository.PathOf(path))));

    /// <summary>What stands under a heading of the second level, up to the next one.</summary>
    public static string Section(string path, string heading)
    {
        var text = File.ReadAllText(Repository.PathOf(path));
        var from = text.IndexOf($"\n## {heading}\n", StringComparison.Ordinal);
        from.ShouldBeGreaterThanOrEqualTo(0, $"{path} has no heading '{heading}'.");
        var to = text.IndexOf("\n## ", from + 1, StringComparison.Ordinal);
        return to < 0 ? text[from..] : text[from..to];
    }

    /// <summary>Links that lead to another place of the repository: files, and headings after a '#'.</summary>
    public static IEnumerable<string> RelativeLinks(string text) =>
        Link().Matches(WithoutCode(text)).Select(link => link.Groups["to"].Value)
            .Where(to => !to.Contains("://", StringComparison.Ordinal));

    /// <summary>What GitHub calls each heading in a link.</summary>
    public static IEnumerable<string> Anchors(string text) =>
        Heading().Matches(WithoutCode(text))
            .Select(heading => NotInAnchor().Replace(heading.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'));

    static string WithoutCode(string text) => Fence().Replace(text, "");

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();

    [GeneratedRegex(@"^ *```.*?^ *```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}

sealed record Document(string Path, string Text)
{
    public override string ToString() => Path;
}
