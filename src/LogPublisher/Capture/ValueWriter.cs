using System.Globalization;
using Serilog.Events;

namespace LogPipeline.Publisher.Capture;

/// <summary>Writes property values as CLEF has them: numbers and booleans bare, everything else as text, structures with their type as <c>$type</c>.</summary>
static class ValueWriter
{
    /// <returns>False when a text in it was cut.</returns>
    public static bool Write(RecordBuffer target, LogEventPropertyValue value, in CaptureLimits limits) => value switch
    {
        ScalarValue scalar => Scalar(target, scalar.Value, limits),
        SequenceValue sequence => Sequence(target, sequence, limits),
        StructureValue structure => Structure(target, structure, limits),
        DictionaryValue dictionary => Dictionary(target, dictionary, limits),
        _ => target.Text(TextOf(value), limits.StringLengthMax),
    };

    /// <summary>A value's text in the invariant culture, or a placeholder when its own code throws.</summary>
    public static string TextOf(object? value)
    {
        try
        {
            return (value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString()) ?? "";
        }
        // The application's own code: whatever it throws, the event is worth more than one value of it.
        catch (Exception e)
        {
            return Placeholder(e);
        }
    }

    public static string Placeholder(Exception e) => $"(rendering failed: {e.GetType().Name})";

    static bool Scalar(RecordBuffer target, object? value, in CaptureLimits limits)
    {
        switch (value)
        {
            case null: target.Raw("null"u8); return true;
            case string text: return target.Text(text, limits.StringLengthMax);
            case bool yes: target.Raw(yes ? "true"u8 : "false"u8); return true;
            case int number: target.Number(number); return true;
            case long number: target.Number(number); return true;
            case uint number: target.Number(number); return true;
            case ulong number: target.Number(number); return true;
            case short number: target.Number(number); return true;
            case ushort number: target.Number(number); return true;
            case byte number: target.Number(number); return true;
            case sbyte number: target.Number(number); return true;
            case decimal number: target.Number(number); return true;
            case double number when double.IsFinite(number): target.Number(number, "R"); return true;
            case float number when float.IsFinite(number): target.Number(number, "R"); return true;
            case DateTime time: return target.Text(time.ToString("O", CultureInfo.InvariantCulture));
            case DateTimeOffset time: return target.Text(time.ToString("O", CultureInfo.InvariantCulture));
            case DateOnly date: return target.Text(date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            case TimeOnly time: return target.Text(time.ToString("O", CultureInfo.InvariantCulture));
            default: return target.Text(TextOf(value), limits.StringLengthMax);
        }
    }

    static bool Sequence(RecordBuffer target, SequenceValue sequence, in CaptureLimits limits)
    {
        var whole = true;
        target.Raw("["u8);
        for (var i = 0; i < sequence.Elements.Count && !target.IsFull; i++)
        {
            if (i > 0) target.Raw(","u8);
            whole &= Write(target, sequence.Elements[i], limits);
        }
        target.Raw("]"u8);
        return whole;
    }

    static bool Structure(RecordBuffer target, StructureValue structure, in CaptureLimits limits)
    {
        var whole = true;
        var separator = "{"u8;
        foreach (var property in structure.Properties)
        {
            if (target.IsFull) break;
            target.Raw(separator);
            target.Text(property.Name);
            target.Raw(":"u8);
            whole &= Write(target, property.Value, limits);
            separator = ","u8;
        }
        if (structure.TypeTag is { } tag)
        {
            target.Raw(separator);
            target.Raw("\"$type\":"u8);
            target.Text(tag, limits.StringLengthMax);
            separator = ","u8;
        }
        if (separator[0] == (byte)'{') target.Raw("{"u8);
        target.Raw("}"u8);
        return whole;
    }

    static bool Dictionary(RecordBuffer target, DictionaryValue dictionary, in CaptureLimits limits)
    {
        var whole = true;
        var first = true;
        target.Raw("{"u8);
        foreach (var (key, element) in dictionary.Elements)
        {
            if (target.IsFull) break;
            if (!first) target.Raw(","u8);
            first = false;
            whole &= target.Text(key.Value is null ? "null" : TextOf(key.Value), limits.StringLengthMax);
            target.Raw(":"u8);
            whole &= Write(target, element, limits);
        }
        target.Raw("}"u8);
        return whole;
    }
}
