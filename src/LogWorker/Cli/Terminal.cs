using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>Where people read what the program says.</summary>
static class Terminal
{
    public static IAnsiConsole Output { get; } = Create(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect });
        // A file or a pipe has no width; without this lines would be broken at 80.
        if (isRedirected) console.Profile.Width = 10_000;
        return console;
    }
}
