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
        if (IsEmpty(payload)) return true;
        try
        {
            using var json = JsonDocument.Parse(payload.Data.Memory);
            var root = json.RootElement;
            // Old clients send a single value as a list of one.
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

    /// <summary>What a change means to remove.</summary>
    public static bool IsEmpty(Payload value) =>
        (value.Metadata.TryGetValue("encoding", out var encoding) && encoding.ToStringUtf8() == "binary/null")
        || value.Data.ToStringUtf8() is "null" or "[]";

    /// <summary>The order of values of one attribute; nothing comes first.</summary>
    public static Comparer<object?> Order { get; } = Comparer<object?>.Create(Compare);

    public static int Compare(object? a, object? b) => (a, b) switch
    {
        (null, null) => 0,
        (null, _) => -1,
        (_, null) => 1,
        (string x, string y) => string.CompareOrdinal(x, y),
        (long x, long y) => x.CompareTo(y),
        (bool x, bool y) => x.CompareTo(y),
        (string[] x, string[] y) => string.CompareOrdinal(string.Join('\0', x), string.Join('\0', y)),
        (IConvertible x, IConvertible y) when x is long or double && y is long or double =>
            x.ToDouble(CultureInfo.InvariantCulture).CompareTo(y.ToDouble(CultureInfo.InvariantCulture)),
        _ => 0,
    };
}
