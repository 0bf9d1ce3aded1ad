namespace LogPipeline.Publisher.Capture;

/// <summary>What was shortened or left out of a record: the first few names, with the original length where it is known.</summary>
struct Cuts
{
    const int NamesMax = 10;
    const int NameLengthMax = 40;
    const int ShortNameLength = 8;

    List<(string Name, long? Length)>? _cuts;

    public readonly bool Any => _cuts is not null;

    public void Add(string name, long? length)
    {
        _cuts ??= [];
        if (_cuts.Count < NamesMax && !_cuts.Exists(cut => cut.Name == name)) _cuts.Add((name, length));
    }

    public readonly void WriteTo(RecordBuffer buffer)
    {
        if (_cuts is null) return;
        buffer.Raw(",\"truncated\":{"u8);
        for (var i = 0; i < _cuts.Count; i++)
        {
            if (i > 0) buffer.Raw(","u8);
            var name = _cuts[i].Name;
            // What is long, or takes more than a byte for a character, is shortened, and numbered, as two may begin alike.
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
