namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Decides by a name whether what it names is a secret. A name is read word by word (<c>DbPassword</c>,
/// <c>db_password</c>, <c>X-Api-Key</c>), so that <c>Passwordless</c> is none. What only speaks about a secret
/// (<c>PasswordLength</c>, <c>TokenType</c>) is none either; any other continuation is.
/// </summary>
sealed class SecretNames
{
    const int NameLengthMax = 128;
    const int WordsMax = 16;
    const int WordsTogetherMax = 4;

    /// <summary>From this length on a term also counts as the end of a word: <c>userpassword</c>.</summary>
    const int SuffixLengthMin = 5;

    static readonly string[] BuiltIn =
    [
        "password", "passwd", "passphrase", "passcode", "pwd", "secret", "secretid", "token", "apikey",
        "accesskey", "privatekey",
        "secretkey", "accountkey", "sharedkey", "signingkey", "encryptionkey", "masterkey", "storagekey",
        "authorization",
        "authkey", "credential", "cookie", "jwt", "bearer", "connectionstring", "connstring", "sharedaccesssignature",
        "cvv", "cvc", "ssn", "otp", "cardnumber", "creditcard",
    ];

    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Attributes =
        new HashSet<string>(StringComparer.Ordinal)
    {
        "length", "count", "size", "type", "kind", "id", "name", "names", "expiry", "expires", "expired", "expiration",
        "age", "policy", "url", "uri",
        "endpoint", "provider", "source", "status", "state", "required", "enabled", "valid", "version", "at", "date",
        "time", "ttl",
        "lifetime", "timeout", "limit", "usage", "used", "position", "issuer", "audience", "format", "algorithm",
        "scheme", "rotation", "path", "file",
    }.GetAlternateLookup<ReadOnlySpan<char>>();

    // Tokens that open nothing.
    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> HarmlessTokens =
        new HashSet<string>(StringComparer.Ordinal) { "cancellation", "continuation", "concurrency", "page", "next" }
            .GetAlternateLookup<ReadOnlySpan<char>>();

    readonly HashSet<string> _terms = new(BuiltIn, StringComparer.Ordinal);
    readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    readonly string[] _suffixes;
    // The letters of each term as bits: a name that has not all of any term's is none, and most are done with that.
    readonly uint[] _letters;

    /// <param name="more">Further names, in any writing.</param>
    public SecretNames(IEnumerable<string> more)
    {
        var added = more.Select(Together).Where(term => term.Length > 0).ToArray();
        _terms.UnionWith(added);
        _lookup = _terms.GetAlternateLookup<ReadOnlySpan<char>>();
        _suffixes = [.. _terms.Where(term => term.Length >= SuffixLengthMin || term == "pwd")];
        _letters = [.. _terms.Select(term => Letters(term)).Distinct()];
    }

    public Secrecy Of(ReadOnlySpan<char> name)
    {
        if (name.Length > NameLengthMax) name = name[^NameLengthMax..];
        if (!HasTheLetters(name)) return Secrecy.None;
        Span<char> letters = stackalloc char[NameLengthMax];
        Span<int> ends = stackalloc int[WordsMax];
        var words = Split(name, letters, ends);
        for (var first = 0; first < words; first++)
            // The longest term first: secret_id is one, and not a secret's id.
            for (var last = Math.Min(words - 1, first + WordsTogetherMax - 1); last >= first; last--)
            {
                var start = first == 0 ? 0 : ends[first - 1];
                if (!IsTerm(letters[start..ends[last]], first == last, out var isPlural)) continue;
                if (last + 1 < words && Attributes.Contains(letters[ends[last]..ends[last + 1]])) continue;
                if (first > 0 && HarmlessTokens.Contains(letters[(first == 1 ? 0 : ends[first - 2])..start])) continue;
                return isPlural || last + 1 < words ? Secrecy.Texts : Secrecy.All;
            }
        return Secrecy.None;
    }

    bool HasTheLetters(ReadOnlySpan<char> name)
    {
        var letters = Letters(name);
        foreach (var needed in _letters)
            if ((letters & needed) == needed) return true;
        return false;
    }

    /// <summary>A bit for each letter, in either case, and one for all characters beyond ASCII.</summary>
    static uint Letters(ReadOnlySpan<char> text)
    {
        var letters = 0u;
        foreach (var c in text)
        {
            if (char.IsAsciiLetter(c)) letters |= 1u << ((c | 0x20) - 'a');
            else if (c > 0x7f) letters |= 1u << 31;
        }
        return letters;
    }

    bool IsTerm(ReadOnlySpan<char> word, bool isOneWord, out bool isPlural)
    {
        isPlural = false;
        while (word.Length > 0 && char.IsAsciiDigit(word[^1])) word = word[..^1];
        if (Matches(word, isOneWord)) return true;
        isPlural = word.Length > 1 && word[^1] == 's' && Matches(word[..^1], isOneWord);
        return isPlural;
    }

    bool Matches(ReadOnlySpan<char> word, bool isOneWord)
    {
        if (_lookup.Contains(word)) return true;
        if (!isOneWord) return false;
        foreach (var suffix in _suffixes)
            if (word.EndsWith(suffix, StringComparison.Ordinal)) return true;
        return false;
    }

    /// <summary>Words in lower case, one behind the other. With too many of them the last one takes the rest.</summary>
    static int Split(ReadOnlySpan<char> name, Span<char> letters, Span<int> ends)
    {
        var count = 0;
        var length = 0;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            var isPart = char.IsLetterOrDigit(c);
            // aB | ABc: before B
            var begins = isPart && length > 0 && char.IsUpper(c) && i > 0
                && (char.IsLower(name[i - 1]) || char.IsDigit(name[i - 1])
                    || (char.IsUpper(name[i - 1]) && i + 1 < name.Length && char.IsLower(name[i + 1])));
            if ((!isPart || begins) && length > (count == 0 ? 0 : ends[count - 1]) && count < ends.Length - 1)
                ends[count++] = length;
            if (isPart) letters[length++] = char.ToLowerInvariant(c);
        }
        if (length > (count == 0 ? 0 : ends[count - 1])) ends[count++] = length;
        return count;
    }

    static string Together(string name)
    {
        if (name.Length > NameLengthMax) name = name[..NameLengthMax];
        Span<char> letters = stackalloc char[NameLengthMax];
        Span<int> ends = stackalloc int[WordsMax];
        var words = Split(name, letters, ends);
        return words == 0 ? "" : new string(letters[..ends[words - 1]]);
    }
}
