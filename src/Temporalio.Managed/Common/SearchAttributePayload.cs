using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Converters;

namespace Temporalio.Common;

/// <summary>
/// A search attribute on the wire: <c>json/plain</c> with the attribute's type in the metadata <c>type</c>
/// (<c>Keyword</c>; servers of old wrote <c>INDEXED_VALUE_TYPE_KEYWORD</c>). No codec touches it: the server reads it.
/// </summary>
static class SearchAttributePayload
{
    static readonly IReadOnlyDictionary<string, IndexedValueType> Types = Names();

    public static Payload From(SearchAttributeKey key, object? value)
    {
        var payload = DataConverter.Default.PayloadConverter.ToPayload(value);
        payload.Metadata["type"] = ByteString.CopyFromUtf8(key.ValueType.ToString());
        return payload;
    }

    /// <summary>Null for an attribute that holds null.</summary>
    public static (object Value, IndexedValueType Type)? Read(Payload payload)
    {
        if (!payload.Metadata.TryGetValue("type", out var name)) throw new ArgumentException("Metadata type missing");
        if (!Types.TryGetValue(name.ToStringUtf8(), out var type)) throw new ArgumentException($"Unrecognized metadata type {name.ToStringUtf8()}");
        return DataConverter.Default.PayloadConverter.ToValue<JsonElement?>(payload) is { ValueKind: not JsonValueKind.Null } json
            ? (Value(json, type), type)
            : null;
    }

    static object Value(JsonElement json, IndexedValueType type) => json.ValueKind switch
    {
        JsonValueKind.Array => json.EnumerateArray().Select(e => Value(e, type)).OfType<string>().ToList(),
        JsonValueKind.True or JsonValueKind.False => json.GetBoolean(),
        JsonValueKind.Number when type == IndexedValueType.Int => json.GetInt64(),
        JsonValueKind.Number => json.GetDouble(),
        JsonValueKind.String when type == IndexedValueType.Datetime && json.TryGetDateTimeOffset(out var time) => time,
        JsonValueKind.String => json.GetString()!,
        _ => throw new ArgumentException($"Unexpected search attribute kind {json.ValueKind}"),
    };

    static Dictionary<string, IndexedValueType> Names()
    {
        var names = Enum.GetValues<IndexedValueType>().ToDictionary(t => t.ToString());
        foreach (var field in typeof(IndexedValueType).GetFields())
            if (field.GetCustomAttributes(typeof(OriginalNameAttribute), false) is [OriginalNameAttribute original])
                names[original.Name] = (IndexedValueType)field.GetValue(null)!;
        return names;
    }
}
