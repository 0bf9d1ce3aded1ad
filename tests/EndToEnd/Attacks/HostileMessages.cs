using System.Collections;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>
/// Messages of any type with any values, among them what answers have told: tokens, ids. The same seed and the same
/// answers make the same ones.
/// </summary>
sealed class HostileMessages(Random random)
{
    const int DepthMax = 6;
    const int KnownMax = 200;

    readonly List<string> _ids = ["", "w", "default"];
    readonly List<ByteString> _tokens = [ByteString.Empty];

    /// <summary>The type's fields, each with a chance; a namespace is that of all, as a rule.</summary>
    public IMessage New(MessageDescriptor type)
    {
        var message = New(type, depth: 0);
        if (type.FindFieldByName("namespace") is { } ns && random.Next(20) > 0)
            ns.Accessor.SetValue(message, "default");
        return message;
    }

    /// <summary>Remembers what an answer tells.</summary>
    public void Learn(IMessage answer)
    {
        foreach (var field in answer.Descriptor.Fields.InDeclarationOrder())
        {
            if (field.IsRepeated || field.IsMap) continue;
            var value = field.Accessor.GetValue(answer);
            if (value is ByteString { IsEmpty: false } token) Keep(_tokens, token);
            if (field.Name.EndsWith("_id", StringComparison.Ordinal) && value is string { Length: > 0 } id)
                Keep(_ids, id);
        }
    }

    void Keep<T>(List<T> known, T value)
    {
        if (known.Count < KnownMax) known.Add(value);
        else known[random.Next(known.Count)] = value;
    }

    IMessage New(MessageDescriptor type, int depth)
    {
        var message = (IMessage)Activator.CreateInstance(type.ClrType)!;
        foreach (var field in type.Fields.InDeclarationOrder())
        {
            if (random.Next(3) == 0 || depth > DepthMax) continue;
            if (field.RealContainingOneof is { Fields.Count: > 1 } && random.Next(3) > 0) continue;
            if (field.IsMap) Fill((IDictionary)field.Accessor.GetValue(message), field, depth);
            else if (field.IsRepeated) Fill((IList)field.Accessor.GetValue(message), field, depth);
            else if (Value(field, depth) is { } value) field.Accessor.SetValue(message, value);
        }
        return message;
    }

    void Fill(IList list, FieldDescriptor field, int depth)
    {
        for (var i = random.Next(random.Next(50) == 0 ? 1000 : 3); i > 0 && depth <= 2 || i is > 0 and < 3; i--)
            if (Value(field, depth + 1) is { } value) list.Add(value);
    }

    void Fill(IDictionary map, FieldDescriptor field, int depth)
    {
        var (key, of) = (field.MessageType.FindFieldByNumber(1), field.MessageType.FindFieldByNumber(2));
        for (var i = random.Next(3); i > 0; i--)
            if (Value(key, depth + 1) is { } name && Value(of, depth + 1) is { } value) map[name] = value;
    }

    object? Value(FieldDescriptor field, int depth) => field.FieldType switch
    {
        FieldType.Message when IsWrapper(field.MessageType) => null,
        FieldType.Message => New(field.MessageType, depth + 1),
        FieldType.String => Text(),
        FieldType.Bytes => Bytes(),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 =>
            Pick(0, 1, -1, 5, 1000, int.MaxValue, int.MinValue),
        FieldType.UInt32 or FieldType.Fixed32 => Pick(0u, 1u, 5u, uint.MaxValue),
        FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 =>
            Pick(0L, 1, 5, -1, 7, 3600, long.MaxValue, long.MinValue, 315_576_000_000),
        FieldType.UInt64 or FieldType.Fixed64 => Pick(0ul, 1ul, ulong.MaxValue),
        FieldType.Double => Pick(0d, 1, -1, double.NaN, double.PositiveInfinity, double.MaxValue),
        FieldType.Float => Pick(0f, 1, -1, float.NaN, float.PositiveInfinity),
        FieldType.Enum => System.Enum.ToObject(field.EnumType.ClrType, Pick(0, 1, 2, 3, 4, 77, -1)),
        _ => null,
    };

    // These are properties of another type in C#.
    static bool IsWrapper(MessageDescriptor type) =>
        type.File.Name == "google/protobuf/wrappers.proto";

    string Text() => random.Next(200) switch
    {
        0 => new string('x', 1_000_000),
        1 => new string('é', 20_000),
        < 10 => new string('n', random.Next(2000)),
        < 15 => "WorkflowId = 'w' AND " + new string('(', random.Next(3000)),
        < 20 => Pick("ExecutionStatus = 'Running'", "StartTime > 'x' OR", "\0", "../..", "'; --", "😀"),
        < 60 => $"{random.Next(1000)}",
        < 120 => Pick([.. _ids]),
        _ => Pick("q", "w", "u", "a", "W", ""),
    };

    ByteString Bytes()
    {
        if (random.Next(3) > 0) return Pick([.. _tokens]);
        var bytes = random.Next(2) == 0 ? Pick([.. _tokens]).ToByteArray() : new byte[random.Next(100)];
        if (bytes.Length > 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        return ByteString.CopyFrom(bytes);
    }

    T Pick<T>(params T[] values) => values[random.Next(values.Length)];
}
