using System.Collections;
using System.Diagnostics.CodeAnalysis;
using Temporalio.Api.Common.V1;
using Temporalio.Workflows;

namespace Temporalio.Common;

/// <summary>Search attributes with their values; made by a <see cref="Builder"/>. One value a name.</summary>
public class SearchAttributeCollection : IReadOnlyCollection<SearchAttributeKey>
{
    public static readonly SearchAttributeCollection Empty = new();

    readonly SortedDictionary<SearchAttributeKey, object> _values;

    internal SearchAttributeCollection() : this([]) { }

    SearchAttributeCollection(SortedDictionary<SearchAttributeKey, object> values) => _values = values;

    public int Count => _values.Count;

    public IReadOnlyDictionary<SearchAttributeKey, object> UntypedValues => _values;

    public static SearchAttributeCollection FromProto(SearchAttributes searchAttributes)
    {
        var values = new SortedDictionary<SearchAttributeKey, object>();
        foreach (var (name, payload) in searchAttributes.IndexedFields)
            if (SearchAttributePayload.Read(payload) is { } attribute)
                values[new(name, attribute.Type)] = attribute.Value;
        return new(values);
    }

    /// <exception cref="KeyNotFoundException">The attribute is not there, or of another type.</exception>
    public T Get<T>(SearchAttributeKey<T> key)
        where T : notnull =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"{key.Name} not found or was present with different type");

    public bool TryGetValue<T>(SearchAttributeKey<T> key, [MaybeNullWhen(false)] out T value)
        where T : notnull
    {
        if (_values.TryGetValue(key, out var found) && found is T typed)
        {
            value = typed;
            return true;
        }
        value = default;
        return false;
    }

    public bool ContainsKey<T>(SearchAttributeKey<T> key)
        where T : notnull => _values.ContainsKey(key);

    public bool ContainsKey(string key) => _values.Keys.Any(k => k.Name == key);

    public IEnumerator<SearchAttributeKey> GetEnumerator() => UntypedValues.Keys.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public SearchAttributes ToProto()
    {
        var proto = new SearchAttributes();
        foreach (var (key, value) in _values) proto.IndexedFields[key.Name] = SearchAttributePayload.From(key, value);
        return proto;
    }

    /// <summary>All updates or, when one name comes twice, none.</summary>
    internal void ApplyUpdates(IReadOnlyCollection<SearchAttributeUpdate> updates)
    {
        if (updates.GroupBy(u => u.UntypedKey.Name).FirstOrDefault(g => g.Skip(1).Any()) is { } twice)
            throw new ArgumentException($"Multiple updates seen for key {twice.Key}");
        foreach (var update in updates)
        {
            Remove(_values, update.UntypedKey.Name);
            if (update.HasValue) _values[update.UntypedKey] = update.UntypedValue;
        }
    }

    static void Remove(SortedDictionary<SearchAttributeKey, object> values, string name)
    {
        if (values.Keys.FirstOrDefault(k => k.Name == name) is { } key) values.Remove(key);
    }

    /// <summary>Collects attributes; a later value of a name replaces an earlier one, whatever its type.</summary>
    public class Builder
    {
        readonly SortedDictionary<SearchAttributeKey, object> _values = [];

        public Builder() { }

        public Builder(SearchAttributeCollection searchAttributes) => Set(searchAttributes);

        public Builder Set<T>(SearchAttributeKey<T> key, T value)
            where T : notnull => SetUntyped(key, value);

        public Builder Set(SearchAttributeCollection searchAttributes)
        {
            foreach (var (key, value) in searchAttributes.UntypedValues) SetUntyped(key, value);
            return this;
        }

        public Builder Unset(SearchAttributeKey key) => Unset(key.Name);

        public Builder Unset(string name)
        {
            Remove(_values, name);
            return this;
        }

        public SearchAttributeCollection ToSearchAttributeCollection() => new(new SortedDictionary<SearchAttributeKey, object>(_values));

        Builder SetUntyped(SearchAttributeKey key, object value)
        {
            if (value == null) throw new ArgumentException("Null value", nameof(value));
            Remove(_values, key.Name);
            _values[key] = key.NormalizeValue(value);
            return this;
        }
    }
}
