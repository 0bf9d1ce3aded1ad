namespace TemporalDevServer.Tests.Scenarios;

/// <summary>Every *.txt beside this file, step by step.</summary>
public sealed class ScenarioTests
{
    static readonly string Folder = Repository.PathOf("tests", "TemporalDevServer.Tests", "Scenarios");

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Folder, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal)];

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

    [Fact]
    public void ARunTakesTwoThousandUpdatesAndNoMore()
    {
        var scenario = new Scenario();
        foreach (var line in (string[])["start a", "poll", "complete"]) scenario.Do(line);
        for (var round = 0; round < 200; round++)
        {
            var updates = Enumerable.Range(round * 10, 10).Select(number => $"u{number}").ToArray();
            foreach (var update in updates) scenario.Do($"update a {update}");
            scenario.Do("poll");
            scenario.Do($"complete {string.Join("; ", updates.Select(update => $"accept {update}"))}");
        }
        scenario.Do("update a u2000");
        scenario.Do("expect error FailedPrecondition");
        // One of them, asked for again, is no further one.
        scenario.Do("update a u0");
        scenario.Do("expect update u0 Success");
        scenario.End();
    }
}
