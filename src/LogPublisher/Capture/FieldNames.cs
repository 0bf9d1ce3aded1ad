namespace LogPipeline.Publisher.Capture;

/// <summary>
/// The name under which an application's property stands in a record. CLEF's own names begin with '@', so a leading one
/// is doubled; a name that this product uses gets '_' appended, and so does such a name with '_' appended already, so
/// that two properties never get the same name. Half a character (a lone surrogate) has no UTF-8 form; in a name it
/// becomes U+FFFD and its code, for the same reason.
/// </summary>
static class FieldNames
{
    static readonly string[] Reserved =
        [RecordFields.Level, RecordFields.Channel, RecordFields.Source, RecordFields.Instance, RecordFields.Sequence,
            RecordFields.Truncated];

    public static string Of(string property)
    {
        property = Sanitize(property);
        if (property.Length > 0 && property[0] == '@') return "@" + property;
        var bare = property.AsSpan().TrimEnd('_');
        foreach (var reserved in Reserved)
            if (bare.SequenceEqual(reserved)) return property + "_";
        return property;
    }

    /// <summary>The name without lone surrogates.</summary>
    public static string Sanitize(string property)
    {
        if (property.AsSpan().IndexOfAnyInRange('\ud800', '\udfff') < 0) return property;
        var whole = new StringBuilder(property.Length);
        for (var i = 0; i < property.Length; i++)
        {
            if (!char.IsSurrogate(property[i])) whole.Append(property[i]);
            else if (i + 1 < property.Length && char.IsSurrogatePair(property[i], property[i + 1]))
                whole.Append(property[i++]).Append(property[i]);
            else whole.Append(CultureInfo.InvariantCulture, $"\ufffd{(int)property[i]:X4}");
        }
        return whole.ToString();
    }
}
