namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Rendering that others wrote: values and tokens of types that are neither Serilog's nor the runtime's. What it writes is
/// bounded by <see cref="MessageText"/>; what it throws becomes a placeholder. It runs on the thread that logs and on no
/// other, as one that never returns cannot be stopped.
/// </summary>
static class ForeignCode
{
    public static void Render(LogEventPropertyValue value, MessageText target, string? format, RenderNotes notes) =>
        Run(target, notes, (value, format), static (given, text) => given.value.Render(text, given.format, CultureInfo.InvariantCulture));

    public static void Run<T>(MessageText target, RenderNotes notes, T given, Action<T, TextWriter> render)
    {
        target.EnterForeignCode();
        try
        {
            render(given, target);
        }
        // It has written more than can be kept; what is there is kept.
        catch (TextLimitException)
        {
        }
        // The application's own code: whatever it throws, the event is worth more than one value of it.
        catch (Exception e)
        {
            notes.Failed = true;
            target.LeaveForeignCode();
            target.Write(RuntimeTypes.Placeholder(e));
            target.EnterForeignCode();
        }
        finally
        {
            target.LeaveForeignCode();
        }
    }

    /// <summary>The text of a value that is none of Serilog's.</summary>
    public static string TextOf(LogEventPropertyValue value, int lengthMax, RenderNotes notes)
    {
        var text = new MessageText();
        text.Clear(lengthMax);
        Render(value, text, null, notes);
        return text.Written.ToString();
    }
}
