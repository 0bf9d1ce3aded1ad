using System.Diagnostics.CodeAnalysis;

namespace LogPipeline.Workflows;

/// <summary>
/// Names a batch: source, instance (one per process start) and the sequence number of its first record. Its text is the
/// workflow id and the key in the worker's ledger, so that a retry is harmless at every step.
/// Printed as <c>logs/&lt;source&gt;/&lt;instance&gt;/&lt;first sequence, 12 digits&gt;</c>.
/// </summary>
public readonly record struct BatchId : ISpanParsable<BatchId>
{
    const string Prefix = "logs/";

    /// <exception cref="ArgumentException">A name holds characters other than letters, digits, '.', '_' and '-', is
    /// empty or too long; or the number is negative or over <see cref="PipelineDefaults.SequenceMax"/>.</exception>
    public BatchId(string source, string instance, long firstSequence)
    {
        if (!IsName(source)) throw new ArgumentException(NameError(nameof(source), source), nameof(source));
        if (!IsName(instance)) throw new ArgumentException(NameError(nameof(instance), instance), nameof(instance));
        ArgumentOutOfRangeException.ThrowIfNegative(firstSequence);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstSequence, PipelineDefaults.SequenceMax);
        Source = source;
        Instance = instance;
        FirstSequence = firstSequence;
    }

    /// <summary>The application.</summary>
    public string Source { get; }

    /// <summary>One start of the application.</summary>
    public string Instance { get; }

    /// <summary>The sequence number of the first record.</summary>
    public long FirstSequence { get; }

    /// <summary>
    /// The order in which batches are sent: by the start of the application, as instances begin with its time, then by
    /// number. Sources that started at the same time are ordered by name.
    /// </summary>
    internal static Comparer<BatchId> OldestFirst { get; } = Comparer<BatchId>.Create((a, b) =>
    {
        var order = string.CompareOrdinal(a.Instance, b.Instance);
        if (order == 0) order = string.CompareOrdinal(a.Source, b.Source);
        return order == 0 ? a.FirstSequence.CompareTo(b.FirstSequence) : order;
    });

    /// <summary>
    /// Whether a text may name a source or an instance: 1 to 100 ASCII letters, digits, '.', '_' or '-', not beginning
    /// with '.'.
    /// </summary>
    public static bool IsName([NotNullWhen(true)] string? name)
    {
        if (string.IsNullOrEmpty(name) || name.Length > PipelineDefaults.NameLengthMax || name[0] == '.') return false;
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')) return false;
        return true;
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Source}/{Instance}/{FirstSequence:d12}");

    public static bool TryParse(ReadOnlySpan<char> text, out BatchId id)
    {
        id = default;
        if (!text.StartsWith(Prefix, StringComparison.Ordinal)) return false;
        Span<Range> parts = stackalloc Range[4];
        var rest = text[Prefix.Length..];
        if (rest.Split(parts, '/') != 3) return false;
        var digits = rest[parts[2]];
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var first)) return false;
        var source = rest[parts[0]].ToString();
        var instance = rest[parts[1]].ToString();
        if (!IsName(source) || !IsName(instance) || first > PipelineDefaults.SequenceMax) return false;
        id = new BatchId(source, instance, first);
        return digits.Length >= 12 && id.ToString().AsSpan().SequenceEqual(text);
    }

    public static bool TryParse([NotNullWhen(true)] string? text, out BatchId id) => TryParse(text.AsSpan(), out id);

    /// <exception cref="FormatException">The text is not a batch id.</exception>
    public static BatchId Parse(string text) =>
        TryParse(text, out var id) ? id
            : throw new FormatException(
            $"'{text}' is not a batch id; one looks like {Prefix}orders/20261121T003631-1f/000000000001.");

    static BatchId ISpanParsable<BatchId>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s.ToString());
    static bool ISpanParsable<BatchId>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out BatchId result) =>
        TryParse(s, out result);
    static BatchId IParsable<BatchId>.Parse(string s, IFormatProvider? provider) => Parse(s);
    static bool IParsable<BatchId>.TryParse(string? s, IFormatProvider? provider, out BatchId result) =>
        TryParse(s, out result);

    static string NameError(string what, string? given) =>
        $"The {what} name was '{given?[..Math.Min(given.Length, 2 * PipelineDefaults.NameLengthMax)]}'; "
        + $"use 1 to {PipelineDefaults.NameLengthMax} letters, digits, '.', '_' or '-', "
        + $"not beginning with '.'.";
}
