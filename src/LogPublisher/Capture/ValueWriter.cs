using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Writes property values as CLEF has them: numbers and booleans bare, everything else as text, structures with their
/// type as <c>$type</c>; never deeper, wider or longer than the limits.
/// </summary>
/// <param name="notes">Gets what happened.</param>
readonly struct ValueWriter(RecordBuffer target, CaptureContext context, RenderNotes notes)
{
    const int FieldNameLengthMax = 4096;

    /// <summary>A property as a field of the record; it is left out when there is no room for it.</summary>
    /// <param name="secrecy">What the template says of its value.</param>
    public void Field(string name, LogEventPropertyValue value, Secrecy secrecy)
    {
        if (name.Length > FieldNameLengthMax)
        {
            notes.AddCut(name, null);
            return;
        }
        var field = context.FieldOf(name);
        var start = target.Length;
        target.Raw(field.Bytes);
        var whole = true;
        try
        {
            whole = Write(value, name, secrecy > field.Secrecy ? secrecy : field.Secrecy, context.Options.Limits.DepthMax);
        }
        // The application's own code; its neighbours are still worth writing.
        catch (Exception e)
        {
            notes.Failed = true;
            target.ReturnTo(start);
            target.Raw(field.Bytes);
            target.Text(RuntimeTypes.Placeholder(e));
        }
        if (target.IsFull)
        {
            target.ReturnTo(start);
            notes.AddCut(FieldNames.Of(name), null);
        }
        else if (!whole)
        {
            notes.AddCut(FieldNames.Of(name), value is ScalarValue { Value: string text } ? text.Length : null);
        }
    }

    /// <returns>False when something in it was cut.</returns>
    bool Write(LogEventPropertyValue? value, string name, Secrecy secrecy, int depthLeft)
    {
        if (value is null)
        {
            target.Raw("null"u8);
            return true;
        }
        if (value is ScalarValue scalar) return Scalar(scalar.Value, name, secrecy);
        if (depthLeft == 0)
        {
            target.Raw("\"…\""u8);
            return false;
        }
        return value switch
        {
            SequenceValue sequence => Sequence(sequence, name, secrecy, depthLeft - 1),
            StructureValue structure => Structure(structure, secrecy, depthLeft - 1),
            DictionaryValue dictionary => Dictionary(dictionary, secrecy, depthLeft - 1),
            _ => Text(secrecy == Secrecy.None ? MessageText.OfForeign(value, ReadMax, notes) : "", name, secrecy),
        };
    }

    bool Scalar(object? value, string name, Secrecy secrecy)
    {
        switch (value)
        {
            case null: target.Raw("null"u8); return true;
            case string text: return Text(text, name, secrecy);
            case bool yes: target.Raw(yes ? "true"u8 : "false"u8); return true;
            case int number: Number(number, default, secrecy); return true;
            case long number: Number(number, default, secrecy, context.Redactor.IsSecret(number)); return true;
            case double number when double.IsFinite(number): Number(number, "R", secrecy); return true;
            case decimal number: Number(number, default, secrecy, context.Redactor.IsSecret(number)); return true;
            case uint number: Number(number, default, secrecy); return true;
            case ulong number: Number(number, default, secrecy, context.Redactor.IsSecret(number)); return true;
            case short number: Number(number, default, secrecy); return true;
            case ushort number: Number(number, default, secrecy); return true;
            case byte number: Number(number, default, secrecy); return true;
            case sbyte number: Number(number, default, secrecy); return true;
            case float number when float.IsFinite(number): Number(number, "R", secrecy); return true;
        }
        if (secrecy != Secrecy.None) return Text("", name, secrecy);
        switch (value)
        {
            case DateTime time: Formatted(time, "O"); return true;
            case DateTimeOffset time: Formatted(time, "O"); return true;
            case Guid id: Formatted(id, default); return true;
            case TimeSpan time: Formatted(time, default); return true;
            case DateOnly date: Formatted(date, "yyyy-MM-dd"); return true;
            case TimeOnly time: Formatted(time, "O"); return true;
            default: return Text(RuntimeTypes.TextOf(value, null, notes), name, secrecy);
        }
    }

    void Number<T>(T value, ReadOnlySpan<char> format, Secrecy secrecy, bool isSecret = false) where T
        : IUtf8SpanFormattable
    {
        if (isSecret || secrecy == Secrecy.All) Redacted(Redactor.Marker);
        else target.Number(value, format);
    }

    // Digits and punctuation that JSON takes as they are.
    void Formatted<T>(T value, ReadOnlySpan<char> format) where T : IUtf8SpanFormattable
    {
        target.Raw("\""u8);
        target.Number(value, format);
        target.Raw("\""u8);
    }

    bool Text(string text, string name, Secrecy secrecy)
    {
        if (secrecy != Secrecy.None)
        {
            Redacted(Redactor.Marker);
            return true;
        }
        if (context.Redactor.ReadsTexts && Replacement(name, text) is { } replacement)
        {
            notes.Redacted = true;
            return target.Text(replacement, context.Options.Limits.StringLengthMax) && text.Length <= ReadMax;
        }
        return target.Text(text, context.Options.Limits.StringLengthMax);
    }

    int ReadMax => context.Options.Limits.StringLengthMax + Redactor.ReadBehindCut;

    string? Replacement(string name, string text) =>
        context.Redactor.Replacement(name, text.AsSpan(0, Math.Min(text.Length, ReadMax)));

    string Key(string name)
    {
        if (!context.Redactor.ReadsTexts || Replacement(name, name) is not { } replacement) return name;
        notes.Redacted = true;
        return replacement;
    }

    void Redacted(string marker)
    {
        notes.Redacted = true;
        target.Text(marker);
    }

    bool Sequence(SequenceValue sequence, string name, Secrecy secrecy, int depthLeft)
    {
        var count = Math.Min(sequence.Elements.Count, context.Options.Limits.CollectionCountMax);
        var whole = count == sequence.Elements.Count;
        target.Raw("["u8);
        for (var i = 0; i < count && !target.IsFull; i++)
        {
            if (i > 0) target.Raw(","u8);
            whole &= Write(sequence.Elements[i], name, secrecy, depthLeft);
        }
        if (count < sequence.Elements.Count)
        {
            target.Raw(",\"… "u8);
            target.Number(sequence.Elements.Count - count);
            target.Raw(" more\""u8);
        }
        target.Raw("]"u8);
        return whole;
    }

    bool Structure(StructureValue structure, Secrecy secrecy, int depthLeft)
    {
        var count = Math.Min(structure.Properties.Count, context.Options.Limits.CollectionCountMax);
        var whole = count == structure.Properties.Count;
        var names = new UniqueNames(count);
        var separator = "{"u8;
        for (var i = 0; i < count && !target.IsFull; i++)
        {
            if (structure.Properties[i] is not { } property) continue;
            target.Raw(separator);
            whole &= target.Text(names.Of(property.Name), context.Options.Limits.StringLengthMax);
            target.Raw(":"u8);
            whole &= Write(property.Value, property.Name, context.SecrecyOf(property.Name, secrecy), depthLeft);
            separator = ","u8;
        }
        if (structure.TypeTag is { } tag)
        {
            target.Raw(separator);
            target.Text(names.Of("$type"));
            target.Raw(":"u8);
            whole &= target.Text(tag, context.Options.Limits.StringLengthMax);
            separator = ","u8;
        }
        if (separator[0] == (byte)'{') target.Raw("{"u8);
        target.Raw("}"u8);
        return whole;
    }

    bool Dictionary(DictionaryValue dictionary, Secrecy secrecy, int depthLeft)
    {
        var whole = dictionary.Elements.Count <= context.Options.Limits.CollectionCountMax;
        var left = context.Options.Limits.CollectionCountMax;
        var names = new UniqueNames(Math.Min(left, dictionary.Elements.Count));
        var isFirst = true;
        target.Raw("{"u8);
        foreach (var (key, element) in dictionary.Elements)
        {
            if (left-- == 0 || target.IsFull) break;
            if (!isFirst) target.Raw(","u8);
            isFirst = false;
            var name = RuntimeTypes.TextOf(key.Value, null, notes);
            whole &= target.Text(names.Of(Key(name)), context.Options.Limits.StringLengthMax);
            target.Raw(":"u8);
            whole &= Write(element, name, context.SecrecyOf(name, secrecy), depthLeft);
        }
        target.Raw("}"u8);
        return whole;
    }
}
