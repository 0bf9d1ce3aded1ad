using Serilog.Events;

namespace LogPipeline.Publisher.Capture;

/// <summary>Cuts nesting and counts of a property's value to the limits. A value within them is returned as it is, without a copy.</summary>
static class ValueTrimmer
{
    static readonly ScalarValue TooDeep = new("…");

    public static LogEventPropertyValue Trim(LogEventPropertyValue value, in CaptureLimits limits) => Trim(value, limits, limits.DepthMax);

    static LogEventPropertyValue Trim(LogEventPropertyValue value, in CaptureLimits limits, int depthLeft)
    {
        if (value is null or ScalarValue) return value ?? new ScalarValue(null);
        if (depthLeft == 0) return TooDeep;
        return value switch
        {
            SequenceValue sequence => TrimSequence(sequence, limits, depthLeft - 1),
            StructureValue structure => TrimStructure(structure, limits, depthLeft - 1),
            DictionaryValue dictionary => TrimDictionary(dictionary, limits, depthLeft - 1),
            _ => value,
        };
    }

    static SequenceValue TrimSequence(SequenceValue sequence, in CaptureLimits limits, int depthLeft)
    {
        var count = Math.Min(sequence.Elements.Count, limits.CollectionCountMax);
        List<LogEventPropertyValue>? changed = count < sequence.Elements.Count ? [.. sequence.Elements.Take(count)] : null;
        for (var i = 0; i < count; i++)
        {
            var trimmed = Trim(sequence.Elements[i], limits, depthLeft);
            if (!ReferenceEquals(trimmed, sequence.Elements[i])) (changed ??= [.. sequence.Elements])[i] = trimmed;
        }
        if (changed is null) return sequence;
        if (count < sequence.Elements.Count) changed.Add(new ScalarValue($"… {sequence.Elements.Count - count} more"));
        return new SequenceValue(changed);
    }

    static StructureValue TrimStructure(StructureValue structure, in CaptureLimits limits, int depthLeft)
    {
        var count = Math.Min(structure.Properties.Count, limits.CollectionCountMax);
        List<LogEventProperty>? changed = count < structure.Properties.Count ? [.. structure.Properties.Take(count)] : null;
        for (var i = 0; i < count; i++)
        {
            var property = structure.Properties[i];
            var trimmed = Trim(property.Value, limits, depthLeft);
            if (!ReferenceEquals(trimmed, property.Value)) (changed ??= [.. structure.Properties])[i] = new LogEventProperty(property.Name, trimmed);
        }
        return changed is null ? structure : new StructureValue(changed, structure.TypeTag);
    }

    static DictionaryValue TrimDictionary(DictionaryValue dictionary, in CaptureLimits limits, int depthLeft)
    {
        var count = Math.Min(dictionary.Elements.Count, limits.CollectionCountMax);
        var same = count == dictionary.Elements.Count;
        var kept = new List<KeyValuePair<ScalarValue, LogEventPropertyValue>>(count);
        foreach (var (key, element) in dictionary.Elements.Take(count))
        {
            var trimmed = Trim(element, limits, depthLeft);
            same &= ReferenceEquals(trimmed, element);
            kept.Add(new(key, trimmed));
        }
        return same ? dictionary : new DictionaryValue(kept);
    }
}
