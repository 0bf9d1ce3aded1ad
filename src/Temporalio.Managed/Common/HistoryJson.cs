using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Google.Protobuf.Reflection;

namespace Temporalio.Common;

/// <summary>
/// Makes history JSON readable for protobuf's parser, which knows an enum's value by its full name alone, while the
/// UI and older tools write the short one.
/// </summary>
static class HistoryJson
{
    // Enum → squeezed spelling → full name.
    static readonly ConcurrentDictionary<EnumDescriptor, IReadOnlyDictionary<string, string>> Spellings = new();

    /// <summary>Walks the object along the message's fields and rewrites the short names in place.</summary>
    public static void SpellEnumsOut(JsonObject json, MessageDescriptor message)
    {
        foreach (var field in message.Fields.InDeclarationOrder())
        {
            if (field.FieldType is not (FieldType.Enum or FieldType.Message)) continue;
            var name = json.ContainsKey(field.JsonName) ? field.JsonName : field.Name;
            if (!json.TryGetPropertyValue(name, out var value) || value == null) continue;
            if (field.IsMap)
                SpellMap(value, field.MessageType.FindFieldByNumber(2));
            else if (value is JsonArray array)
                foreach (var element in array.ToList()) Spell(element, field);
            else
                Spell(value, field);
        }
    }

    static void SpellMap(JsonNode map, FieldDescriptor valueField)
    {
        if (map is not JsonObject entries || valueField.FieldType is not (FieldType.Enum or FieldType.Message)) return;
        foreach (var (_, entry) in entries.ToList()) Spell(entry, valueField);
    }

    static void Spell(JsonNode? value, FieldDescriptor field)
    {
        if (field.FieldType == FieldType.Message && value is JsonObject child)
            SpellEnumsOut(child, field.MessageType);
        else if (field.FieldType == FieldType.Enum && value is JsonValue text && text.TryGetValue<string>(out var spelling)
            && Spellings.GetOrAdd(field.EnumType, Full).TryGetValue(Squeeze(spelling), out var full) && full != spelling)
            text.ReplaceWith(full);
    }

    static Dictionary<string, string> Full(EnumDescriptor type)
    {
        var names = new Dictionary<string, string>();
        foreach (var value in type.Values)
        {
            var squeezed = Squeeze(value.Name);
            names[squeezed] = value.Name;
            var prefix = Squeeze(type.Name);
            if (squeezed.StartsWith(prefix, StringComparison.Ordinal)) names[squeezed[prefix.Length..]] = value.Name;
        }
        return names;
    }

    static string Squeeze(string name) => name.Replace("_", "").ToUpperInvariant();
}
