using Serilog.Events;

namespace LogPipeline.Worker.Formats;

/// <summary>
/// Values of a record as values of Serilog's. JSON has fewer kinds than .NET, so a value shows itself as the
/// application rendered it where the record has that, and else as its JSON reads.
/// </summary>
static class RecordedValue
{
    /// <summary>Reads the value that the reader is at, and leaves the reader at its end.</summary>
    public static LogEventPropertyValue Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                var elements = new List<LogEventPropertyValue>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) elements.Add(Read(ref reader));
                return new SequenceValue(elements);
            case JsonTokenType.StartObject:
                return ReadObject(ref reader);
            case JsonTokenType.String:
                return new Scalar(RecordJson.GetTextOrRaw(ref reader));
            case JsonTokenType.Number:
                return new Scalar(Number(System.Text.Encoding.UTF8.GetString(reader.ValueSpan)));
            case JsonTokenType.True or JsonTokenType.False:
                return new Scalar(reader.TokenType == JsonTokenType.True);
            default:
                return new Scalar(null);
        }
    }

    /// <summary>The same value, knowing how the application rendered it.</summary>
    /// <param name="value">As it was read.</param>
    /// <param name="shown">By format; an empty one stands for none.</param>
    public static LogEventPropertyValue Of(LogEventPropertyValue value, IReadOnlyDictionary<string, string> shown) =>
        value switch
    {
        ScalarValue { Value: string text } => new Scalar(new OtherText(text), shown),
        ScalarValue scalar => new Scalar(scalar.Value, shown),
        SequenceValue sequence => new Sequence(sequence.Elements, shown),
        StructureValue structure => new Structure(structure.Properties, structure.TypeTag, shown),
        _ => value,
    };

    static StructureValue ReadObject(ref Utf8JsonReader reader)
    {
        var properties = new List<LogEventProperty>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = RecordJson.GetTextOrRaw(ref reader);
            reader.Read();
            var value = Read(ref reader);
            if (LogEventProperty.IsValidName(name)) properties.Add(new LogEventProperty(name, value));
        }
        // The type's name is written last.
        return properties is [.. var others, { Name: "$type", Value: ScalarValue { Value: string type } }]
            ? new StructureValue(others, type)
            : new StructureValue(properties);
    }

    /// <summary>Of the kinds of numbers the first that writes the same digits.</summary>
    static object Number(string digits)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, invariant, out var whole)
            && whole.ToString(invariant) == digits) return whole;
        if (ulong.TryParse(digits, NumberStyles.None, invariant, out var large) && large.ToString(invariant) == digits)
            return large;
        if (decimal.TryParse(digits, NumberStyles.Float, invariant, out var exact)
            && exact.ToString(invariant) == digits) return exact;
        return double.Parse(digits, NumberStyles.Float, invariant);
    }

    static bool TryShow(IReadOnlyDictionary<string, string>? shown, TextWriter output, string? format)
    {
        if (shown is null || !shown.TryGetValue(format ?? "", out var text)) return false;
        output.Write(text);
        return true;
    }

    sealed class Scalar(object? value, IReadOnlyDictionary<string, string>? shown = null) : ScalarValue(value)
    {
        public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null)
        {
            if (TryShow(shown, output, format)) return;
            try
            {
                base.Render(output, format, formatProvider);
            }
            // A template that asks for a format which the value does not have.
            catch (FormatException)
            {
                base.Render(output, null, formatProvider);
            }
        }
    }

    sealed class Sequence(IEnumerable<LogEventPropertyValue> elements, IReadOnlyDictionary<string, string> shown)
        : SequenceValue(elements)
    {
        public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null)
        {
            if (!TryShow(shown, output, format)) base.Render(output, format, formatProvider);
        }
    }

    sealed class Structure(IEnumerable<LogEventProperty> properties, string? type,
        IReadOnlyDictionary<string, string> shown)
        : StructureValue(properties, type)
    {
        public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null)
        {
            if (!TryShow(shown, output, format)) base.Render(output, format, formatProvider);
        }
    }

    /// <summary>What JSON has as a text and the application had as something else: a date, an identifier.</summary>
    sealed class OtherText(string text)
    {
        public override string ToString() => text;
    }
}
