using System.Text.RegularExpressions;

namespace LogPipeline.Tests.Tidy;

/// <summary>Lines and files that fit a screen.</summary>
public sealed partial class SourceSizeTests
{
    const int ColumnsMax = 140;
    const int ColumnsUsual = 120;
    const int FileLinesMax = 300;

    [Fact]
    public void NoLineIsWiderThanTheBound()
    {
        SourceFiles.Under("src", "samples", "tests", "bench")
            .SelectMany(file => WithoutRawText().Replace(file.Text, "").Split('\n')
                .Select((line, i) => (file.Path, Number: i + 1, line.Length)))
            .Where(line => line.Length > ColumnsMax).ShouldBeEmpty();
        File.ReadAllText(Repository.PathOf(".editorconfig")).ShouldContain($"\nmax_line_length = {ColumnsMax}\n");
    }

    // A line that is written or compared is as long as it is.
    [GeneratedRegex("\"\"\".*?\"\"\"", RegexOptions.Singleline)]
    private static partial Regex WithoutRawText();

    [Fact]
    public void OneLineOfAHundredAtMostIsWiderThanUsual()
    {
        var lines = SourceFiles.Under("src").SelectMany(file => file.Text.Split('\n')).ToList();
        var wide = lines.Count(line => line.Length > ColumnsUsual);
        wide.ShouldBeLessThanOrEqualTo(lines.Count / 100, $"{wide} of {lines.Count} lines end behind column {ColumnsUsual}.");
    }

    [Fact]
    public void NoFileOfTheProductIsLongerThanTheBound() =>
        SourceFiles.Under("src").Select(file => (file.Path, Lines: file.Text.Split('\n').Length - 1))
            .Where(file => file.Lines > FileLinesMax).ShouldBeEmpty();
}
