using System.Buffers;
using System.Text.RegularExpressions;

namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Replaces secrets before a record is put anywhere. It fails closed: when the hook throws, the text it was given
/// becomes a marker. Everything built in, and the pattern of the options, takes time in proportion to the text and no
/// more.
/// </summary>
sealed class Redactor
{
    public const string Marker = Hits.Marker;
    public const string FailedMarker = "[redaction failed]";

    /// <summary>
    /// How far behind the place where a text is cut it is still read, so that a secret across that place is known as
    /// one.
    /// </summary>
    public const int ReadBehindCut = 4096;

    /// <summary>No shorter text holds a secret that would be found.</summary>
    const int TextLengthMin = 5;

    /// <summary>
    /// A text of this length or less holds one only if it holds one of these signs: most values are a word or two. A
    /// format without them, such as <c>Basic</c> and what follows, is longer.
    /// </summary>
    const int WordLengthMax = 13;

    static readonly SearchValues<char> FormatSigns = SearchValues.Create("=:>");
    static readonly SearchValues<char> LooseSigns = SearchValues.Create("=:> ");

    /// <summary>From here on a number can be a card's.</summary>
    const ulong CardNumberMin = 10_000_000_000_000;

    public static Redactor Off { get; } = new(RedactionScope.Off, [], null, null);

    readonly RedactionScope _scope;
    readonly SearchValues<char> _signs;
    readonly SecretNames _names;
    readonly Regex? _pattern;
    readonly Func<string, string, string?>? _hook;
    readonly bool _isBuiltIn;

    public Redactor(RedactionScope scope, IEnumerable<string> names, Regex? pattern,
        Func<string, string, string?>? hook)
    {
        _scope = scope;
        _signs = scope == RedactionScope.All ? LooseSigns : FormatSigns;
        _names = new SecretNames(names);
        _pattern = scope == RedactionScope.Off ? null : pattern;
        _hook = scope == RedactionScope.Off ? null : hook;
        _isBuiltIn = _pattern is null && _hook is null;
    }

    /// <summary>The application's own code takes part, so it runs on the application's threads only.</summary>
    public bool HasHook => _hook is not null;

    public bool ReadsTexts => _scope >= RedactionScope.Formats || _pattern is not null || _hook is not null;

    /// <summary>
    /// More takes part than the built-in patterns, which find in a message what they find in the values it is made of.
    /// </summary>
    public bool ReadsValuesOfMessages => _pattern is not null || _hook is not null;

    public Secrecy OfName(ReadOnlySpan<char> name) => _scope == RedactionScope.Off ? Secrecy.None : _names.Of(name);

    /// <summary>What stands in the text's place, or null when it is to stand as it is.</summary>
    /// <param name="name">The property; <c>@m</c>, <c>@mt</c> and <c>@x</c> for message, template and
    /// exception.</param>
    /// <param name="text">The text, or as much of it as can come into the record and <see cref="ReadBehindCut"/>
    /// more.</param>
    public string? Replacement(string name, ReadOnlySpan<char> text) =>
        _isBuiltIn && text.Length <= WordLengthMax && !text.ContainsAny(_signs) ? null : Search(name, text);

    string? Search(string name, ReadOnlySpan<char> text)
    {
        try
        {
            string? result = null;
            if (_scope >= RedactionScope.Formats && text.Length >= TextLengthMin)
            {
                var hits = Find(text);
                if (hits.Any) result = hits.ReplaceIn(text);
            }
            if (_pattern is not null && _pattern.IsMatch(result ?? text))
                result = _pattern.Replace(result ?? text.ToString(), Marker);
            if (_hook is null) return result;
            var given = result ?? text.ToString();
            var kept = _hook(name, given) ?? Marker;
            return kept == given ? result : kept;
        }
        // The hook is the application's own code: whatever it throws, the text must not pass.
        catch (Exception)
        {
            return FailedMarker;
        }
    }

    Hits Find(ReadOnlySpan<char> text)
    {
        var isLoose = _scope == RedactionScope.All;
        var hits = new Hits();
        JsonSecrets.Find(text, _names, isLoose, ref hits);
        XmlSecrets.Find(text, _names, ref hits);
        Addresses.Find(text, ref hits);
        KnownTokens.Find(text, ref hits);
        if (isLoose) CardNumbers.Find(text, ref hits);
        return hits;
    }

    /// <summary>Whether a number is to be replaced, as it may be a card's.</summary>
    public bool IsSecret(long number) => number > 0 && IsSecret((ulong)number);

    /// <summary>As for a <c>long</c>, of the number's whole part.</summary>
    public bool IsSecret(decimal number) => number is > 0 and <= long.MaxValue && IsSecret((ulong)number);

    /// <summary>As for a <c>long</c>.</summary>
    public bool IsSecret(ulong number)
    {
        if (_scope != RedactionScope.All || number < CardNumberMin) return false;
        Span<byte> digits = stackalloc byte[20];
        var at = digits.Length;
        for (; number > 0; number /= 10) digits[--at] = (byte)(number % 10);
        return digits.Length - at <= 19 && CardNumbers.IsCard(digits[at..]);
    }

    /// <summary>
    /// What a constant text says of a value that stands between it and another: <c>password={Value}</c>.
    /// </summary>
    public Secrecy OfValueBetween(string before, string after)
    {
        if (_scope < RedactionScope.Formats) return Secrecy.None;
        if (AssignedSecrets.OfNext(before, _names) is not Secrecy.None and var secrecy) return secrecy;
        const string something = "7f3Kq9xW2";
        return Find($"{before}{something}{after}").Cover(before.Length) ? Secrecy.All : Secrecy.None;
    }
}
