using LogPipeline.Workflows;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// The name under which an application's property stands in a record. CLEF's own names begin with '@', so a leading one
/// is doubled; a name of ours gets '_' appended, and so does one of ours with '_' appended already, so that no two
/// properties ever meet.
/// </summary>
static class FieldNames
{
    static readonly string[] Ours =
        [RecordFields.Level, RecordFields.Channel, RecordFields.Source, RecordFields.Instance, RecordFields.Sequence, RecordFields.Truncated];

    public static string Of(string property)
    {
        if (property.Length > 0 && property[0] == '@') return "@" + property;
        var bare = property.AsSpan().TrimEnd('_');
        foreach (var ours in Ours)
            if (bare.SequenceEqual(ours)) return property + "_";
        return property;
    }
}
