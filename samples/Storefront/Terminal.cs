using Spectre.Console;

namespace LogPipeline.Samples.Storefront;

/// <summary>Where people read what the program says.</summary>
static class Terminal
{
    public static IAnsiConsole Open()
    {
        var isRedirected = Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        // A file or a pipe has no width; without this lines would be broken at 80.
        if (isRedirected) console.Profile.Width = 10_000;
        return console;
    }
}
