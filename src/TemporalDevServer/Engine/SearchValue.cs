using System.Text.Json;

namespace TemporalDevServer.Engine;

/// <summary>
/// The value of a search attribute as queries compare it: text, number (long or double), bool, instant (ticks as long)
/// or a list of texts.
/// </summary>
static class SearchValue
{
    public static bool CanRead(Payload payload, IndexedValueType type) => TryRead(payload, type, out _);

    public static bool TryRead(Payload payload, IndexedValueType type, out object? value)
    {
        value = null;
        if (SearchAttributeRules.IsEmpty(payload)) return true;
        try
        {
            using var json = JsonDocument.Parse(payload.Data.Memory);
            var root = json.RootElement;
            // A list of one stands for the one, as clients of old send it.
            if (root.ValueKind == JsonValueKind.Array
                && type != IndexedValueType.KeywordList
                && root.GetArrayLength() == 1)
                root = root[0];
            value = type switch
            {
                IndexedValueType.Int => root.TryGetInt64(out var number) ? number : null,
                IndexedValueType.Double => root.TryGetDouble(out var real) ? real : null,
                IndexedValueType.Bool =>
                    root.ValueKind is JsonValueKind.True or JsonValueKind.False ? root.GetBoolean() : null,
                IndexedValueType.Datetime => root.ValueKind == JsonValueKind.String ? Instant(root.GetString()!) : null,
                IndexedValueType.KeywordList => root.ValueKind == JsonValueKind.Array
                    ? root.EnumerateArray().Select(each => each.GetString()!).ToArray()
                    : new[] { root.GetString()! },
                _ => root.ValueKind == JsonValueKind.String ? root.GetString() : null,
            };
            return value is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return false;
        }
    }

    /// <summary>An instant as RFC 3339 writes it, in ticks; null when it is none.</summary>
    public static object? Instant(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant.UtcTicks
            : null;
}
