using Temporalio.Api.Common.V1;
using Temporalio.Common;

namespace Temporalio.Workflows;

/// <summary>One search attribute set or removed by a workflow.</summary>
public abstract class SearchAttributeUpdate
{
    internal SearchAttributeUpdate() { }

    /// <summary>False: the attribute is removed.</summary>
    public bool HasValue { get; internal init; }

    public abstract SearchAttributeKey UntypedKey { get; }

    /// <exception cref="InvalidOperationException">The attribute is removed.</exception>
    public abstract object UntypedValue { get; }

    public static SearchAttributeUpdate<T> ValueSet<T>(SearchAttributeKey<T> key, T value)
        where T : notnull => new(key, value);

    public static SearchAttributeUpdate<T> ValueUnset<T>(SearchAttributeKey<T> key)
        where T : notnull => new(key);

    internal Payload ToUpsertPayload() => SearchAttributePayload.From(UntypedKey, HasValue ? UntypedValue : null);
}

/// <inheritdoc cref="SearchAttributeUpdate"/>
public class SearchAttributeUpdate<T> : SearchAttributeUpdate
    where T : notnull
{
    readonly T? _value;

    internal SearchAttributeUpdate(SearchAttributeKey<T> key) => Key = key;

    internal SearchAttributeUpdate(SearchAttributeKey<T> key, T value)
    {
        Key = key;
        _value = key.NormalizeValue(value);
        HasValue = true;
    }

    public SearchAttributeKey<T> Key { get; }

    /// <exception cref="InvalidOperationException">The attribute is removed.</exception>
    public T Value => HasValue ? _value! : throw new InvalidOperationException("No value");

    public override SearchAttributeKey UntypedKey => Key;

    public override object UntypedValue => Value;
}
