using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// An exception's text. The runtime prints inner exceptions by recursion, which ends the process when they are nested
/// some ten thousand deep, and without end when one stands in many places. So they are counted first, without
/// recursion, and what is too much is printed here: the first of the chain, each by itself.
/// </summary>
static class ExceptionText
{
    const int DepthMax = 100;
    const int CountMax = 500;
    const int ShownMax = 20;

    /// <summary>Writes the field <c>@x</c>.</summary>
    public static void Write(RecordBuffer buffer, Exception exception, int bytesMax, Redactor redactor,
        RenderNotes notes)
    {
        var text = Of(exception, notes);
        var length = text.Length;
        var readMax = bytesMax + Redactor.ReadBehindCut;
        if (redactor.ReadsTexts && redactor.Replacement("@x",
            text.AsSpan(0, Math.Min(length, readMax))) is { } replacement)
        {
            text = replacement;
            notes.Redacted = true;
        }
        buffer.Raw(",\"@x\":"u8);
        if (!buffer.Text(text, bytesMax: bytesMax) || length > readMax) notes.AddCut("@x", length);
    }

    static string Of(Exception exception, RenderNotes notes)
    {
        try
        {
            return IsPrintable(exception) ? exception.ToString() : OfChain(exception);
        }
        // The application's own code: whatever it throws, the event is worth more than the exception's text.
        catch (Exception e)
        {
            notes.Failed = true;
            return RuntimeTypes.Placeholder(e);
        }
    }

    static bool IsPrintable(Exception exception)
    {
        if (exception.InnerException is null) return true;
        var left = new Stack<(Exception Exception, int Depth)>();
        left.Push((exception, 1));
        for (var count = 1; left.TryPop(out var next); count++)
        {
            if (next.Depth > DepthMax || count > CountMax) return false;
            if (next.Exception is AggregateException many)
            {
                if (many.InnerExceptions.Count > CountMax) return false;
                foreach (var one in many.InnerExceptions) left.Push((one, next.Depth + 1));
            }
            else if (next.Exception.InnerException is { } inner)
            {
                left.Push((inner, next.Depth + 1));
            }
        }
        return true;
    }

    static string OfChain(Exception exception)
    {
        var text = new StringBuilder();
        var shown = 0;
        for (var next = exception; next is not null; next = next.InnerException)
        {
            if (shown++ == ShownMax) return text.Append("\n ---> (further exceptions are left out)").ToString();
            if (text.Length > 0) text.Append("\n ---> ");
            // Not the virtual Message of an AggregateException, which holds those of all within.
            text.Append(next.GetType()).Append(": ")
                .Append(next is AggregateException many ? $"{many.InnerExceptions.Count} exceptions" : next.Message);
            if (next.StackTrace is { } trace) text.Append('\n').Append(trace);
        }
        return text.ToString();
    }
}
