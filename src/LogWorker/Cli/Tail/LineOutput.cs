using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>Where lines go, coloured only on a terminal that shows colours; it knows when nobody reads them any more.</summary>
/// <param name="isTerminal">People look at it.</param>
/// <param name="hasColours">It shows colours.</param>
/// <param name="isPipe">Who reads may go away.</param>
sealed class LineOutput(TextWriter writer, bool isTerminal = false, bool hasColours = false, bool isPipe = false) : IDisposable
{
    const int PipeBufferBytes = 64 * 1024;
    const int StandardOutput = 1;

    public bool IsTerminal => isTerminal;

    public bool HasColours => hasColours;

    /// <summary>The program at the other end of the pipe has ended.</summary>
    public bool IsClosed { get; private set; }

    public static LineOutput Of(TextWriter given)
    {
        if (!ReferenceEquals(given, Console.Out)) return new LineOutput(given);
        // As it is, as colours are control sequences.
        if (!Console.IsOutputRedirected)
            return new LineOutput(Terminal.Output.Profile.Out.Writer, isTerminal: true, Terminal.HasColours);
        if (OperatingSystem.IsWindows()) return new LineOutput(given);
        // The console's own writer writes on without a word where nobody reads.
        var stream = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? new LineOutput(given)
            : new LineOutput(new StreamWriter(stream, new UTF8Encoding(false), PipeBufferBytes), isPipe: true);
    }

    /// <summary>Whole lines without what steers a terminal, but for colours.</summary>
    public void Write(string lines) => Try(() => writer.Write(lines));

    public void Flush() => Try(writer.Flush);

    public void Dispose() => Flush();

    void Try(Action write)
    {
        if (IsClosed) return;
        try
        {
            write();
        }
        catch (IOException) when (isPipe)
        {
            IsClosed = true;
        }
    }
}
