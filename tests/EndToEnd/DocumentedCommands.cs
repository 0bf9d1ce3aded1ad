using System.Text.RegularExpressions;
using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd;

/// <summary>The command lines that stand in the documents, in blocks of their own.</summary>
static partial class DocumentedCommands
{
    static readonly string[] Pages = ["README.md", "CONTRIBUTING.md", .. Directory.GetFiles(Repository.PathOf("docs"), "*.md")
        .Select(Path.GetFileName).Where(name => name != "PROGRESS.md").Select(name => $"docs/{name}")];

    /// <summary>All, each once, with the page that has it first.</summary>
    public static IEnumerable<(string Page, string Command)> All() =>
        Pages.SelectMany(page => Of(page).Select(command => (page, command))).DistinctBy(found => found.command);

    /// <summary>Those of one page that begin so, in their order.</summary>
    public static IReadOnlyList<string> Of(string page, string begin) =>
        [.. Of(page).Where(command => command.StartsWith(begin, StringComparison.Ordinal))];

    // What stands behind three blanks explains the command.
    static IEnumerable<string> Of(string page) => Line().Matches(File.ReadAllText(Repository.PathOf(page)))
        .Select(line => Blanks().Replace(Explanation().Replace(line.Groups["command"].Value, ""), " ").Trim());

    [GeneratedRegex(
        @"^    (?<command>(?:[A-Z_]+=\S+ )?"
        + @"(?:dotnet|logworker|/opt/logworker/logworker|loki|promtail|temporal|export|\.ci/\w+) .+)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    // Not the blanks between a program and its first flag.
    [GeneratedRegex(@"\s{3,}[^-\s].*$")]
    private static partial Regex Explanation();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
