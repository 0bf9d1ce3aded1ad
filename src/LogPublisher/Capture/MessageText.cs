using System.Runtime.CompilerServices;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Text that is being rendered: keeps the first characters up to a limit and counts the rest, in memory that is used
/// again for the next event. As a <see cref="TextWriter"/> it is handed to the application's own code: such code is
/// stopped, by an exception out of its next write, when it has written more than the limit or has come too deep into
/// the stack.
/// </summary>
sealed class MessageText : TextWriter
{
    const int InitialSize = 512;
    const int KeptSizeMax = 32 * 1024;

    char[] _chars = new char[InitialSize];
    int _length;
    int _limit;
    // How many renderings of the application's own code are under way, one in the other.
    int _foreignDepth;

    public MessageText() : base(CultureInfo.InvariantCulture)
    {
    }

    /// <summary>An event's message as its template says; null: it is longer than the limit.</summary>
    public static string? Render(LogEvent logEvent, int limit)
    {
        using var message = new MessageText();
        message.Clear(limit);
        logEvent.MessageTemplate.Render(logEvent.Properties, message, CultureInfo.InvariantCulture);
        return message.IsFull ? null : message.Written.ToString();
    }

    /// <summary>Characters written, with those that did not fit.</summary>
    public long Length { get; private set; }

    public bool IsFull => Length > _length;

    /// <summary>False when what did not fit was not even rendered, so that <see cref="Length"/> is too small.</summary>
    public bool IsCounted { get; private set; }

    public ReadOnlySpan<char> Written => _chars.AsSpan(0, _length);
    public override Encoding Encoding => Encoding.Unicode;

    public void Clear(int limit)
    {
        if (_chars.Length > KeptSizeMax) _chars = new char[InitialSize];
        _length = 0;
        Length = 0;
        IsCounted = true;
        _limit = limit;
        _foreignDepth = 0;
    }

    /// <summary>Back to a length noted before, when nothing had been left out.</summary>
    public void ReturnTo(int length)
    {
        _length = length;
        Length = length;
    }

    public override void Write(char value) => Write(new ReadOnlySpan<char>(in value));

    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (_foreignDepth > 0) StopForeignCode();
        Length += buffer.Length;
        var taken = Math.Min(_limit - _length, buffer.Length);
        if (taken <= 0) return;
        if (taken > _chars.Length - _length) Grow(taken);
        buffer[..taken].CopyTo(_chars.AsSpan(_length));
        _length += taken;
    }

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <summary>As Serilog shows a text in a message.</summary>
    public void Quoted(ReadOnlySpan<char> text)
    {
        Write('"');
        while (text.IndexOf('"') is >= 0 and var quote)
        {
            Write(text[..quote]);
            Write("\\\"");
            text = text[(quote + 1)..];
        }
        Write(text);
        Write('"');
    }

    /// <summary>A value of a type whose formatting is the runtime's own.</summary>
    public void Formatted<T>(T value, string? format) where T : ISpanFormattable
    {
        if (_chars.Length - _length < 128) Grow(128);
        if (value.TryFormat(_chars.AsSpan(_length), out var written, format, CultureInfo.InvariantCulture))
        {
            var kept = Math.Min(written, Math.Max(0, _limit - _length));
            _length += kept;
            Length += written;
            return;
        }
        Write(value.ToString(format, CultureInfo.InvariantCulture));
    }

    public void Spaces(int count)
    {
        const string spaces = "                                                                ";
        for (; count > 0 && !IsFull; count -= spaces.Length) Write(spaces.AsSpan(0, Math.Min(count, spaces.Length)));
    }

    /// <summary>Moves what stands behind a position to the right and fills the gap with spaces.</summary>
    public void PadBefore(int at, int count)
    {
        var text = Written[at..].ToString();
        ReturnTo(at);
        Spaces(count);
        Write(text);
    }

    /// <summary>Counts characters that are known not to fit.</summary>
    public void LeaveOut(int count) => Length += count;

    /// <returns>True when nothing more fits, so that rendering can end.</returns>
    public bool Ends()
    {
        if (IsFull) IsCounted = false;
        return IsFull;
    }

    /// <summary>A value of a type that is neither Serilog's nor the runtime's.</summary>
    public void WriteForeign(LogEventPropertyValue value, string? format, RenderNotes notes) =>
        RunForeign((value, format), static (given, text) =>
            given.value.Render(text, given.format, CultureInfo.InvariantCulture), notes);

    /// <summary>
    /// What the application's own code renders: it is bounded, and what it throws becomes a placeholder. Only on the
    /// thread that logs, as code that never returns cannot be stopped.
    /// </summary>
    public void RunForeign<T>(T given, Action<T, TextWriter> render, RenderNotes notes)
    {
        _foreignDepth++;
        try
        {
            render(given, this);
        }
        // It has written more than can be kept; what is there is kept.
        catch (TextLimitException)
        {
        }
        // The application's own code: whatever it throws, the event is worth more than one value of it.
        catch (Exception e)
        {
            notes.Failed = true;
            _foreignDepth--;
            Write(RuntimeTypes.Placeholder(e));
            _foreignDepth++;
        }
        finally
        {
            _foreignDepth--;
        }
    }

    /// <summary>The text of a value of a type that is neither Serilog's nor the runtime's.</summary>
    public static string OfForeign(LogEventPropertyValue value, int lengthMax, RenderNotes notes)
    {
        using var text = new MessageText();
        text.Clear(lengthMax);
        text.WriteForeign(value, format: null, notes);
        return text.Written.ToString();
    }

    void StopForeignCode()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (Ends()) throw new TextLimitException();
    }

    void Grow(int count) => Array.Resize(ref _chars, Math.Max(_chars.Length * 2, _length + count));
}

/// <summary>Thrown into the application's code when it writes without end.</summary>
sealed class TextLimitException : Exception;
