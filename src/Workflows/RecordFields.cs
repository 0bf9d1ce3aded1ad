namespace LogPipeline.Workflows;

/// <summary>
/// The fields this product adds to a CLEF line, beside CLEF's own that begin with <c>@</c>. An application's property
/// of the same name keeps its value under the name with an underscore appended (<c>level</c> becomes <c>level_</c>).
/// </summary>
public static class RecordFields
{
    /// <summary>Loki's vocabulary: trace, debug, info, warning, error, fatal.</summary>
    public const string Level = "level";

    /// <summary>Which file the record goes to.</summary>
    public const string Channel = "channel";

    /// <summary>The application that emitted the record.</summary>
    public const string Source = "source";

    /// <summary>One start of that application: sequence numbers count from 1 in each.</summary>
    public const string Instance = "instance";

    /// <summary>The record's number within source and instance; consecutive, so that a gap can be seen.</summary>
    public const string Sequence = "seq";

    /// <summary>
    /// Present only on a record that was too large: an object that names what was shortened or left out, with the
    /// original length in characters, or true when that is not known.
    /// </summary>
    public const string Truncated = "truncated";
}
