namespace TemporalDevServer.Tests.Scenarios;

/// <summary>Every *.txt beside this file, step by step.</summary>
public sealed class ScenarioTests
{
    static readonly string Folder = Repository.PathOf("tests", "TemporalDevServer.Tests", "Scenarios");

    public static TheoryData<string> Files => [.. Directory.GetFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void TheEngineDoesAsItIsWritten(string name)
    {
        var scenario = new Scenario();
        var number = 0;
        foreach (var line in File.ReadLines(Path.Combine(Folder, $"{name}.txt")))
        {
            number++;
            if (line.Length == 0 || line[0] == '#') continue;
            // A line of its own begins another scenario.
            if (line == "---")
            {
                scenario.End();
                scenario = new Scenario();
                continue;
            }
            try
            {
                scenario.Do(line);
            }
            catch (Exception e) when (e is ShouldAssertException or FormatException)
            {
                throw new ShouldAssertException($"{name}.txt, line {number}: {line}\n{e.Message}", e);
            }
        }
        scenario.End();
    }
}
