namespace Temporalio.Workflows;

/// <summary>One memo field set or removed by a workflow.</summary>
public class MemoUpdate
{
    readonly object? _value;

    internal MemoUpdate(string key) => UntypedKey = key;

    internal MemoUpdate(string key, object value)
    {
        UntypedKey = key;
        _value = value;
        HasValue = true;
    }

    /// <summary>False: the field is removed.</summary>
    public bool HasValue { get; private init; }

    public string UntypedKey { get; private init; }

    /// <exception cref="InvalidOperationException">The field is removed.</exception>
    public object UntypedValue => HasValue ? _value! : throw new InvalidOperationException("No value");

    /// <exception cref="ArgumentException">The value is null; <see cref="ValueUnset"/> removes a field.</exception>
    public static MemoUpdate ValueSet(string key, object value) =>
        value == null ? throw new ArgumentException("Value cannot be null", nameof(value)) : new(key, value);

    public static MemoUpdate ValueUnset(string key) => new(key);
}
