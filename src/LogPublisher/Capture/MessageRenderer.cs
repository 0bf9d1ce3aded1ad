using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Renders an event's message as its template says, without secrets. Values read as Serilog has them (texts in quotes
/// unless the format is <c>l</c>, <c>[1, 2]</c>, <c>T { A: 1 }</c>, <c>[("k": 1)]</c>), but never deeper, wider or
/// longer than the limits.
/// </summary>
/// <param name="target">Where it is rendered; the result may lie there.</param>
/// <param name="notes">Gets what happened.</param>
readonly struct MessageRenderer(MessageText target, CaptureContext context, RenderNotes notes)
{
    const string TooDeep = "…";

    /// <param name="plan">The event's template.</param>
    /// <param name="room">The record's bytes; no more characters are of use.</param>
    public ReadOnlySpan<char> Render(TemplatePlan plan, LogEvent logEvent, int room)
    {
        target.Clear(room + Redactor.ReadBehindCut);
        foreach (ref readonly var part in plan.Parts.AsSpan())
        {
            if (part.Foreign is not null)
                target.RunForeign((part.Foreign, logEvent.Properties), static (given, text) =>
                    given.Foreign.Render(given.Properties, text, CultureInfo.InvariantCulture), notes);
            else if (part.Name is null || !logEvent.Properties.TryGetValue(part.Name, out var value))
                target.Write(part.Text);
            else Property(part, value);
        }
        var redactor = context.Redactor;
        if (!redactor.ReadsTexts || redactor.Replacement("@m", target.Written) is not { } replacement)
            return target.Written;
        notes.Redacted = true;
        return replacement;
    }

    void Property(in TemplatePart part, LogEventPropertyValue? value)
    {
        var start = target.Written.Length;
        try
        {
            Write(value, part.Name!, part.Format, part.Secrecy, context.Options.Limits.DepthMax);
        }
        // The application's own code; the rest of the message is still worth showing.
        catch (Exception e)
        {
            notes.Failed = true;
            target.ReturnTo(start);
            target.Write(RuntimeTypes.Placeholder(e));
        }
        var missing = part.Width - (target.Length - start);
        if (missing <= 0 || target.IsFull) return;
        if (part.IsLeft) target.Spaces((int)missing);
        else target.PadBefore(start, (int)missing);
    }

    void Write(LogEventPropertyValue? value, string name, string? format, Secrecy secrecy, int depthLeft)
    {
        if (value is null)
        {
            target.Write("null");
        }
        else if (value.GetType() == typeof(ScalarValue))
        {
            Scalar(((ScalarValue)value).Value, name, format, secrecy);
        }
        else if (depthLeft == 0)
        {
            target.Write(TooDeep);
        }
        else
        {
            switch (value)
            {
                case SequenceValue sequence: Sequence(sequence, name, format, secrecy, depthLeft - 1); break;
                case StructureValue structure: Structure(structure, secrecy, depthLeft - 1); break;
                case DictionaryValue dictionary: Dictionary(dictionary, secrecy, depthLeft - 1); break;
                default: Foreign(value, format, secrecy); break;
            }
        }
    }

    void Scalar(object? value, string name, string? format, Secrecy secrecy)
    {
        switch (value)
        {
            case null: target.Write("null"); return;
            case string text: Text(text, name, format, secrecy); return;
            case bool yes: target.Write(yes ? "True" : "False"); return;
        }
        if (secrecy == Secrecy.All || (secrecy == Secrecy.Texts && !RuntimeTypes.IsNumber(value)))
        {
            target.Write(Redactor.Marker);
            return;
        }
        switch (value)
        {
            case int number: Formatted(number, format); return;
            case long number: Formatted(number, format); return;
            case double number: Formatted(number, format); return;
            case decimal number: Formatted(number, format); return;
            case Guid id: Formatted(id, format); return;
            case DateTime time: Formatted(time, format); return;
            case DateTimeOffset time: Formatted(time, format); return;
            case TimeSpan time: Formatted(time, format); return;
            case ISpanFormattable other when RuntimeTypes.IsScalar(value): Formatted(other, format); return;
            default: target.Write(RuntimeTypes.TextOf(value, format, notes)); return;
        }
    }

    void Text(string text, string name, string? format, Secrecy secrecy)
    {
        // A little more than can be kept, as the message is searched as a whole before it is cut.
        var read = Math.Min(text.Length, context.Options.Limits.EventBytesMax + Redactor.ReadBehindCut);
        var shown = text.AsSpan(0, read);
        if (secrecy != Secrecy.None) shown = Redactor.Marker;
        else if (IsSearchedAlone(shown, format) && context.Redactor.Replacement(name, shown) is { } replacement)
            shown = replacement;
        if (format == "l") target.Write(shown);
        else target.Quoted(shown);
        if (read < text.Length && secrecy == Secrecy.None) target.LeaveOut(text.Length - read);
    }

    // The message is searched as a whole. Between quotes a text reads as it does alone, unless quoting changes the
    // text.
    bool IsSearchedAlone(ReadOnlySpan<char> text, string? format) =>
        context.Redactor.ReadsTexts
            && (context.Redactor.ReadsValuesOfMessages || format == "l" || text.ContainsAny('"', '\\'));

    void Formatted<T>(T value, string? format) where T : ISpanFormattable
    {
        try
        {
            target.Formatted(value, format);
        }
        // The template names a format that the type does not have.
        catch (FormatException)
        {
            target.Formatted(value, null);
        }
    }

    void Sequence(SequenceValue sequence, string name, string? format, Secrecy secrecy, int depthLeft)
    {
        var count = Math.Min(sequence.Elements.Count, context.Options.Limits.CollectionCountMax);
        target.Write('[');
        for (var i = 0; i < count && !target.Ends(); i++)
        {
            if (i > 0) target.Write(", ");
            Write(sequence.Elements[i], name, format, secrecy, depthLeft);
        }
        More(sequence.Elements.Count - count);
        target.Write(']');
    }

    void Structure(StructureValue structure, Secrecy secrecy, int depthLeft)
    {
        var count = Math.Min(structure.Properties.Count, context.Options.Limits.CollectionCountMax);
        if (structure.TypeTag is { } tag)
        {
            target.Write(tag);
            target.Write(' ');
        }
        target.Write("{ ");
        for (var i = 0; i < count && !target.Ends(); i++)
        {
            if (structure.Properties[i] is not { } property) continue;
            if (i > 0) target.Write(", ");
            target.Write(property.Name);
            target.Write(": ");
            Write(property.Value, property.Name, null, context.SecrecyOf(property.Name, secrecy), depthLeft);
        }
        More(structure.Properties.Count - count);
        target.Write(" }");
    }

    void Dictionary(DictionaryValue dictionary, Secrecy secrecy, int depthLeft)
    {
        var left = context.Options.Limits.CollectionCountMax;
        target.Write('[');
        foreach (var (key, element) in dictionary.Elements)
        {
            if (left-- == 0 || target.Ends()) break;
            if (left < context.Options.Limits.CollectionCountMax - 1) target.Write(", ");
            var name = RuntimeTypes.TextOf(key.Value, null, notes);
            target.Write('(');
            Scalar(key.Value, name, null, Secrecy.None);
            target.Write(": ");
            Write(element, name, null, context.SecrecyOf(name, secrecy), depthLeft);
            target.Write(')');
        }
        More(dictionary.Elements.Count - context.Options.Limits.CollectionCountMax);
        target.Write(']');
    }

    void More(int count)
    {
        if (count <= 0) return;
        target.Write("… ");
        target.Formatted(count, null);
        target.Write(" more");
    }

    void Foreign(LogEventPropertyValue value, string? format, Secrecy secrecy)
    {
        if (secrecy == Secrecy.None) target.WriteForeign(value, format, notes);
        else target.Write(Redactor.Marker);
    }
}
