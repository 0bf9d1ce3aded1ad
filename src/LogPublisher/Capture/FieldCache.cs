using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>What is known of a property's name.</summary>
/// <param name="Name">As the application has it.</param>
/// <param name="Bytes">Comma, the field's name in quotes, colon.</param>
/// <param name="Secrecy">What the name says of its value.</param>
/// <param name="Packed">The name as a packed event has it; null when it is too long for one, or has no UTF-8 form.</param>
sealed record Field(string Name, byte[] Bytes, Secrecy Secrecy, byte[]? Packed);

/// <summary>
/// Keeps what is known of the names seen last: names come from code, so they are few. A fixed number of places, so that
/// names made up at run time take no memory; two names that meet in one take turns.
/// </summary>
sealed class FieldCache(Redactor redactor)
{
    const int Places = 1024;
    const int NameLengthMax = 256;

    readonly Field?[] _fields = new Field?[Places];

    public Field Of(string name)
    {
        ref var place = ref _fields[PlaceOf(name)];
        var field = Volatile.Read(ref place);
        if (field is not null && (ReferenceEquals(field.Name, name) || field.Name == name)) return field;
        field = Make(name);
        if (name.Length <= NameLengthMax) Volatile.Write(ref place, field);
        return field;
    }

    /// <summary>A nested value is at least as secret as what it stands in.</summary>
    public Secrecy SecrecyOf(string name, Secrecy outer)
    {
        if (outer == Secrecy.All) return outer;
        var own = name.Length > NameLengthMax ? redactor.OfName(name) : Of(name).Secrecy;
        return own > outer ? own : outer;
    }

    static int PlaceOf(string name)
    {
        if (name.Length == 0) return 0;
        var hash = (uint)name.Length * 31 + name[0];
        hash = hash * 31 + name[^1];
        hash = hash * 31 + name[name.Length / 2];
        return (int)((hash * 2654435769u) >> 22);
    }

    Field Make(string name)
    {
        var buffer = new RecordBuffer();
        buffer.Clear(int.MaxValue);
        buffer.Raw(","u8);
        buffer.Text(FieldNames.Of(name));
        buffer.Raw(":"u8);
        return new Field(name, buffer.Written.ToArray(), redactor.OfName(name), Packed(name));
    }

    static byte[]? Packed(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        return utf8.Length <= byte.MaxValue && ReferenceEquals(FieldNames.Whole(name), name) ? [(byte)utf8.Length, .. utf8] : null;
    }
}
