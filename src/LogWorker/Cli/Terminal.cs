using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>The consoles that people read.</summary>
static class Terminal
{
    public static IAnsiConsole Output { get; } = Create(Console.Out, Console.IsOutputRedirected);

    public static IAnsiConsole Error { get; } = Create(Console.Error, Console.IsErrorRedirected);

    /// <summary>Whether standard output is a terminal with colours, and NO_COLOR is not set.</summary>
    public static bool HasColours => !Console.IsOutputRedirected && Output.Profile.Capabilities.ColorSystem != ColorSystem.NoColors;

    /// <summary>
    /// Text from elsewhere (a server's answer, a file's name) as markup: on one line, and without what steers a
    /// terminal.
    /// </summary>
    public static string Sanitize(string text) =>
        Markup.Escape(string.Concat(text.Select(c => HarmlessWriter.Steers(c) ? ' ' : c)));

    /// <summary>Such text on lines of its own, without markup: only the line feeds of what steers a terminal stay.</summary>
    public static string Printable(string text) =>
        string.Concat(text.Select(c => HarmlessWriter.Steers(c) && c != '\n' ? '?' : c));

    /// <summary>
    /// From here on whatever the program writes, by whichever way, steers no terminal: verbs, log lines, libraries.
    /// </summary>
    public static void Guard()
    {
        // These have the writers as they are: their colours are control sequences.
        _ = (Output, Error);
        Console.SetOut(new HarmlessWriter(Console.Out));
        Console.SetError(new HarmlessWriter(Console.Error));
    }

    static IAnsiConsole Create(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer),
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect });
        // A file or a pipe has no width; without this lines would be broken at 80.
        if (isRedirected) console.Profile.Width = 10_000;
        console.Pipeline.Attach(new HarmlessText());
        return console;
    }
}
