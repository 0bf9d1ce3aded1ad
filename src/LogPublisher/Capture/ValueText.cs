using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Renders property values into a message as Serilog does (texts in quotes unless the format is <c>l</c>, <c>[1, 2]</c>,
/// <c>T { A: 1 }</c>, <c>[("k": 1)]</c>), but never deeper, wider or longer than the limits. Stateless but for what it is given.
/// </summary>
readonly struct ValueText(MessageText target, CaptureLimits limits, FieldCache fields, Redactor redactor, RenderNotes notes)
{
    const string TooDeep = "…";

    public void Write(LogEventPropertyValue? value, string name, string? format, Secrecy secrecy) => Write(value, name, format, secrecy, limits.DepthMax);

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
            case ISpanFormattable other when RuntimeTypes.IsOne(value): Formatted(other, format); return;
            default: target.Write(RuntimeTypes.TextOf(value, format, notes)); return;
        }
    }

    void Text(string text, string name, string? format, Secrecy secrecy)
    {
        // A little more than can be kept, as the message is looked through as a whole before it is cut.
        var read = Math.Min(text.Length, limits.RecordBytesMax + Redactor.ReadBehindCut);
        var shown = text.AsSpan(0, read);
        if (secrecy != Secrecy.None) shown = Redactor.Marker;
        // The message is looked through as a whole. Between quotes nothing in a text reads otherwise than alone, unless quoting changes the text.
        else if (redactor.ReadsTexts && (redactor.ReadsValuesOfMessages || format == "l" || shown.ContainsAny('"', '\\')) && redactor.Replacement(name, shown) is { } replacement) shown = replacement;
        if (format == "l") target.Write(shown);
        else target.Quoted(shown);
        if (read < text.Length && secrecy == Secrecy.None) target.LeaveOut(text.Length - read);
    }

    void Formatted<T>(T value, string? format) where T : ISpanFormattable
    {
        try
        {
            target.Formatted(value, format);
        }
        // A template that asks for a format which the type does not have.
        catch (FormatException)
        {
            target.Formatted(value, null);
        }
    }

    void Sequence(SequenceValue sequence, string name, string? format, Secrecy secrecy, int depthLeft)
    {
        var count = Math.Min(sequence.Elements.Count, limits.CollectionCountMax);
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
        var count = Math.Min(structure.Properties.Count, limits.CollectionCountMax);
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
            Write(property.Value, property.Name, null, fields.SecrecyOf(property.Name, secrecy), depthLeft);
        }
        More(structure.Properties.Count - count);
        target.Write(" }");
    }

    void Dictionary(DictionaryValue dictionary, Secrecy secrecy, int depthLeft)
    {
        var left = limits.CollectionCountMax;
        target.Write('[');
        foreach (var (key, element) in dictionary.Elements)
        {
            if (left-- == 0 || target.Ends()) break;
            if (left < limits.CollectionCountMax - 1) target.Write(", ");
            var name = RuntimeTypes.TextOf(key.Value, null, notes);
            target.Write('(');
            Scalar(key.Value, name, null, Secrecy.None);
            target.Write(": ");
            Write(element, name, null, fields.SecrecyOf(name, secrecy), depthLeft);
            target.Write(')');
        }
        More(dictionary.Elements.Count - limits.CollectionCountMax);
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
        if (secrecy == Secrecy.None) ForeignCode.Render(value, target, format, notes);
        else target.Write(Redactor.Marker);
    }
}
