namespace LogPipeline.Publisher.Capture;

/// <summary>
/// What happened to an event while it was rendered. For one thread, which uses it again for the next event.
/// </summary>
sealed class RenderNotes
{
    const int CutsMax = 10;
    const int NameLengthMax = 40;
    const int ShortNameLength = 8;

    // The first few names, with the original length where it is known.
    readonly List<(string Name, long? Length)> _cuts = [];

    /// <summary>Something was replaced because it is a secret.</summary>
    public bool Redacted { get; set; }

    /// <summary>Code of the application failed; a placeholder stands in its place.</summary>
    public bool Failed { get; set; }

    /// <summary>Something was shortened or left out.</summary>
    public bool Truncated => _cuts.Count > 0;

    public void Clear()
    {
        _cuts.Clear();
        Redacted = false;
        Failed = false;
    }

    /// <summary>Adds a field that was shortened or left out.</summary>
    /// <param name="length">Its original length in characters; null: not known.</param>
    public void AddCut(string name, long? length)
    {
        if (_cuts.Count < CutsMax && !_cuts.Exists(cut => cut.Name == name)) _cuts.Add((name, length));
    }

    /// <summary>Writes the field <c>truncated</c>, if there is something to say.</summary>
    public void WriteCuts(RecordBuffer buffer)
    {
        if (!Truncated) return;
        buffer.Raw(",\"truncated\":{"u8);
        for (var i = 0; i < _cuts.Count; i++)
        {
            if (i > 0) buffer.Raw(","u8);
            var name = _cuts[i].Name;
            // What is long, or takes more than a byte for a character, is shortened, and numbered, as two may begin
            // alike.
            if (name.Length > NameLengthMax || name.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0)
                name = $"{name[..Math.Min(name.Length, ShortNameLength)]}…#{i + 1}";
            buffer.Text(name);
            buffer.Raw(":"u8);
            if (_cuts[i].Length is { } length) buffer.Number(length);
            else buffer.Raw("true"u8);
        }
        buffer.Raw("}"u8);
    }
}
