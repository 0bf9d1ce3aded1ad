using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Temporalio.Worker.Replay;

/// <summary>A run's handlers of one kind by name: those of the class, and what the workflow's code makes of them.</summary>
sealed class HandlerMap<T>(IReadOnlyDictionary<string, T> initial, Func<T, string?> nameOf, string kind, Action assertMayChange, Action<string>? added = null)
    : IDictionary<string, T>
{
    readonly Dictionary<string, T> _handlers = new(initial);

    public int Count => _handlers.Count;

    public bool IsReadOnly => false;

    public ICollection<string> Keys => _handlers.Keys;

    public ICollection<T> Values => _handlers.Values;

    public T this[string key]
    {
        get => _handlers[key];
        set
        {
            Check(key, value);
            _handlers[key] = value;
            added?.Invoke(key);
        }
    }

    public void Add(string key, T value)
    {
        Check(key, value);
        _handlers.Add(key, value);
        added?.Invoke(key);
    }

    public void Add(KeyValuePair<string, T> item) => Add(item.Key, item.Value);

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => _handlers.TryGetValue(key, out value);

    public bool ContainsKey(string key) => _handlers.ContainsKey(key);

    public bool Contains(KeyValuePair<string, T> item) => _handlers.Contains(item);

    public bool Remove(string key)
    {
        assertMayChange();
        return _handlers.Remove(key);
    }

    public bool Remove(KeyValuePair<string, T> item) => Contains(item) && Remove(item.Key);

    public void Clear()
    {
        assertMayChange();
        _handlers.Clear();
    }

    public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex) => ((ICollection<KeyValuePair<string, T>>)_handlers).CopyTo(array, arrayIndex);

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => _handlers.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    void Check(string key, T value)
    {
        assertMayChange();
        if (nameOf(value) is not { } name) throw new ArgumentException($"Cannot set dynamic {kind} with other handlers");
        if (name != key) throw new ArgumentException($"Handler name {key} of the {kind} doesn't match definition name {name}");
    }
}
