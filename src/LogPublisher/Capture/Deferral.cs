namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Whether an event can be rendered later, on another thread, and still read as it would now: when it holds only what
/// cannot change and is rendered by the runtime's own code. An exception does change (its trace grows on its way up),
/// and the application's own code must not run on the one thread that publishes, where it would hold up every other
/// event.
/// </summary>
static class Deferral
{
    const int DepthMax = 4;
    const int EventBytes = 320;
    const int PropertyBytes = 88;
    const int ScalarBytes = 56;
    const int BytesMax = 64 * 1024;

    /// <param name="bytes">What the event takes in memory, about.</param>
    public static bool IsPossible(LogEvent logEvent, out int bytes)
    {
        bytes = EventBytes + logEvent.MessageTemplate.Text.Length;
        if (logEvent.Exception is not null
            || logEvent.Properties is not Dictionary<string, LogEventPropertyValue> properties) return false;
        foreach (var (_, value) in properties)
        {
            bytes += PropertyBytes;
            if (!IsFixed(value, ref bytes, DepthMax)) return false;
        }
        return true;
    }

    static bool IsFixed(LogEventPropertyValue? value, ref int bytes, int depthLeft)
    {
        if (value is null || depthLeft == 0 || bytes > BytesMax) return false;
        if (value.GetType() == typeof(ScalarValue))
        {
            var scalar = ((ScalarValue)value).Value;
            bytes += ScalarBytes;
            // The most frequent types first: this runs for every value that is logged.
            if (scalar is not string text)
                return scalar is int or long or double or bool || RuntimeTypes.IsScalar(scalar);
            bytes += 2 * text.Length;
            return true;
        }
        if (value.GetType() == typeof(SequenceValue))
        {
            foreach (var element in ((SequenceValue)value).Elements)
                if (!IsFixed(element, ref bytes, depthLeft - 1)) return false;
            return true;
        }
        if (value.GetType() == typeof(StructureValue))
        {
            foreach (var property in ((StructureValue)value).Properties)
                if (!IsFixed(property?.Value, ref bytes, depthLeft - 1)) return false;
            return true;
        }
        return false;
    }
}
