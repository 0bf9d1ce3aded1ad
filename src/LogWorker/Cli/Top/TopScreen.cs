using Spectre.Console;
using Spectre.Console.Rendering;

namespace LogPipeline.Worker.Cli.Top;

/// <summary>
/// The terminal, while figures are drawn over each other: what was there before is there again behind it. A frame is written at
/// once and over the one before, so that nothing flickers, and a terminal may change its size.
/// </summary>
sealed class TopScreen : IDisposable
{
    const string Enter = "\e[?1049h\e[?25l";
    const string Leave = "\e[?25h\e[?1049l";
    const string Home = "\e[H";
    const string ClearRestOfLine = "\e[K";
    const string ClearRest = "\e[J";

    // As it is: the frames are control sequences.
    readonly TextWriter _writer = Terminal.Output.Profile.Out.Writer;

    public TopScreen() => _writer.Write(Enter);

    public int Width => Terminal.Output.Profile.Width;

    public void Draw(IRenderable frame)
    {
        var lines = Lines(frame, Width, Terminal.Output.Profile.Capabilities.ColorSystem).Take(Terminal.Output.Profile.Height);
        _writer.Write(Home + string.Join(ClearRestOfLine + "\r\n", lines) + ClearRestOfLine + ClearRest);
        _writer.Flush();
    }

    /// <summary>A frame as lines of text, without blanks at their ends where there are no colours.</summary>
    public static IEnumerable<string> Lines(IRenderable frame, int width, ColorSystem colours)
    {
        var drawn = new StringWriter();
        var hasColours = colours != ColorSystem.NoColors;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(drawn), Ansi = hasColours ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = hasColours ? (ColorSystemSupport)(colours + 1) : ColorSystemSupport.NoColors,
        });
        console.Profile.Width = width;
        console.Pipeline.Attach(new HarmlessText());
        console.Write(frame);
        return drawn.ToString().TrimEnd('\n').Split('\n').Select(line => hasColours ? line.TrimEnd('\r') : line.TrimEnd());
    }

    public void Dispose()
    {
        _writer.Write(Leave);
        _writer.Flush();
    }
}
