namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Makes the names within one object unique: a second equal one gets '_' appended until it differs. Names that come
/// from a type are unique, so that the first few are compared without a set.
/// </summary>
ref struct UniqueNames(int count)
{
    const int ComparedMax = 16;

    readonly string?[]? _few = count is > 1 and <= ComparedMax ? new string[count + 1] : null;
    readonly HashSet<string>? _many = count > ComparedMax ? new HashSet<string>(StringComparer.Ordinal) : null;
    string? _first;
    int _used;

    public string Of(string name)
    {
        name = FieldNames.Sanitize(name);
        if (_many is not null)
        {
            while (!_many.Add(name)) name += "_";
            return name;
        }
        if (_few is null)
        {
            // One name, and perhaps the type's.
            if (name == _first) name += "_";
            _first ??= name;
            return name;
        }
        while (Array.IndexOf(_few, name, 0, _used) >= 0) name += "_";
        return _few[_used++] = name;
    }
}
