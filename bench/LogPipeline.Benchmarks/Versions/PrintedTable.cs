using System.Text.RegularExpressions;

namespace LogPipeline.Benchmarks.Versions;

/// <summary>
/// The figures that a benchmark printed: the number at the head of each cell of its tables, and of each <c>name: number unit</c>.
/// </summary>
static partial class PrintedTable
{
    public static IEnumerable<(string Name, double Value)> Read(string text)
    {
        string[] header = [];
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            if (Sentence().Match(line) is { Success: true } sentence)
                yield return (sentence.Groups[1].Value, Number(sentence.Groups[2].Value));
            if (!line.StartsWith('|'))
            {
                header = [];
                continue;
            }
            string[] cells = [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];
            if (header.Length == 0) header = cells;
            else
                for (var i = 1; i < cells.Length; i++)
                    if (Head().Match(cells[i]) is { Success: true } number) yield return ($"{cells[0]}, {header[i]}", Number(number.Value));
        }
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([A-Z][^:|]+): (\d+(?:\.\d+)?) ")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"^\d+(?:\.\d+)?")]
    private static partial Regex Head();
}
