using System.CommandLine;
using System.CommandLine.Parsing;
using LogPipeline.Worker.Cli;

namespace LogPipeline.Tests.Cli;

/// <summary>Each verb's help ends with command lines that the program takes.</summary>
public sealed class HelpExamplesTests
{
    [Fact]
    public void EveryVerbHasExamplesAndNoOtherHas() =>
        Verbs(LogWorkerCommand.Create()).Select(HelpExamples.NameOf).Order(StringComparer.Ordinal)
            .ShouldBe(HelpExamples.All.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void EachExampleIsTakenAndIsOfItsVerb()
    {
        foreach (var (verb, examples) in HelpExamples.All)
            foreach (var example in examples)
            {
                example.Length.ShouldBeLessThan(100);
                // What stands before the program's name, and where its output goes, is the shell's.
                var line = example[(example.IndexOf("logworker", StringComparison.Ordinal) + "logworker".Length)..].Split(" > ")[0];
                var parsed = LogWorkerCommand.Create().Parse([.. CommandLineParser.SplitCommandLine(line)]);
                parsed.Errors.ShouldBeEmpty(example);
                HelpExamples.NameOf(parsed.CommandResult.Command).ShouldStartWith(verb, Case.Sensitive, example);
            }
    }

    [Fact]
    public async Task TheyStandBehindTheOptionsWithTheExitCodes()
    {
        var said = new StringWriter();
        (await LogWorkerCommand.RunAsync(["dead-letters", "show", "--help"], said, TextWriter.Null)).ShouldBe(0);
        var text = said.ToString().ReplaceLineEndings("\n");
        text.ShouldContain("--raw");
        text.ShouldEndWith("""
            Examples:
              logworker dead-letters show NAME
              logworker dead-letters show NAME --raw > letter.json

            Exit codes:
              0 done, 1 failed, 2 usage, 78 configuration

            """);
    }

    static IEnumerable<Command> Verbs(Command command) => command.Subcommands.SelectMany(Verbs).Prepend(command);
}
