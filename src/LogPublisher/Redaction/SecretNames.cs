namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Decides by a name whether what it names is a secret. A name is read word by word (<c>DbPassword</c>,
/// <c>db_password</c>, <c>X-Api-Key</c>). Its last words must be those of a secret, so that <c>PasswordHasher</c> and
/// <c>TokenType</c> are none; what only says which form of it that is (<c>PasswordHash</c>) may follow. A question
/// (<c>HasPassword</c>) and tokens that open nothing (<c>CancellationToken</c>, <c>stop_tokens</c>) are none.
/// </summary>
sealed class SecretNames
{
    const int NameLengthMax = 128;
    const int WordsMax = 16;
    const int WordsTogetherMax = 4;

    /// <summary>From this length on what a user added also counts as the end of a word.</summary>
    const int SuffixLengthMin = 5;

    // A number under one of these is a secret, too.
    static readonly string[] Hard =
    [
        "password", "passwd", "passphrase", "passcode", "pwd", "pincode", "cvv", "cvc", "ssn", "otp", "cardnumber",
        "creditcard",
    ];

    static readonly string[] Soft =
    [
        "secret", "secretid", "token", "apikey", "accesskey", "privatekey", "secretkey", "accountkey", "sharedkey",
        "signingkey", "encryptionkey", "masterkey", "storagekey", "authkey", "authorization", "credential", "cookie",
        "jwt", "bearer", "connectionstring", "connstring", "sharedaccesssignature",
    ];

    // Written without a break behind another word: userpassword, clientsecret.
    static readonly string[] Suffixes =
        ["password", "passwd", "passphrase", "pwd", "secret", "token", "apikey", "accesskey", "secretkey",
            "privatekey"];

    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Forms = Set(
        "hash", "hashed", "salt", "digest", "value", "text", "plain", "plaintext", "base", "b64", "encoded",
        "encrypted", "data", "raw", "header", "old", "new", "current", "previous", "confirm", "confirmation",
        "again", "repeat", "prod", "production", "dev", "test", "staging", "primary", "secondary");

    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Questions = Set(
        "is", "has", "have", "had", "was", "can", "must", "should", "need", "needs", "require", "requires", "use",
        "uses", "allow", "allows", "enable", "enables", "with", "without", "no");

    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> HarmlessTokens = Set(
        "cancellation", "continuation", "concurrency", "page", "next", "sync", "skip", "resume", "change", "stop",
        "start", "end", "first", "last", "special", "pad", "eos", "bos", "unk", "mask", "cls", "sep", "syntax",
        "unexpected", "expected");

    static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> OpeningTokens = Set(
        "access", "refresh", "auth", "api", "bearer", "id", "session", "user", "device", "oauth", "personal",
        "security", "secret");

    static readonly string[] NoValues = ["null", "nil", "none", "true", "false", "undefined", "empty"];

    readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _hard;
    readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _soft = Set(Soft);
    readonly string[] _suffixes;
    // The letters of each term as bits: a name that has not all of any term's is none, and most are done with that.
    readonly uint[] _letters;

    /// <param name="more">Further names, in any writing.</param>
    public SecretNames(IEnumerable<string> more)
    {
        var added = more.Select(Together).Where(term => term.Length > 0).ToArray();
        _hard = Set([.. Hard, .. added]);
        _suffixes = [.. Suffixes, .. added.Where(term => term.Length >= SuffixLengthMin)];
        _letters = [.. _hard.Set.Concat(Soft).Append("pin").Select(term => Letters(term)).Distinct()];
    }

    /// <summary>Whether there is something to hide under a secret's name.</summary>
    public static bool IsValue(ReadOnlySpan<char> value)
    {
        if (value.IsEmpty || value.SequenceEqual(Hits.Marker) || !value.ContainsAnyExcept('*')) return false;
        foreach (var word in NoValues)
            if (value.Equals(word, StringComparison.OrdinalIgnoreCase)) return false;
        return true;
    }

    public Secrecy Of(ReadOnlySpan<char> name)
    {
        if (name.Length > NameLengthMax) name = name[^NameLengthMax..];
        if (!HasTheLetters(name)) return Secrecy.None;
        Span<char> letters = stackalloc char[NameLengthMax];
        Span<int> ends = stackalloc int[WordsMax];
        var words = Split(name, letters, ends);
        if (words == 1 && letters[..ends[0]] is "pin") return Secrecy.All;
        var last = words - 1;
        while (last > 0 && Forms.Contains(Word(letters, ends, last))) last--;
        for (var first = Math.Max(0, last - WordsTogetherMax + 1); first <= last; first++)
        {
            var term = letters[(first == 0 ? 0 : ends[first - 1])..ends[last]];
            var secrecy = OfTerm(term, first == last, out var isPlural);
            if (secrecy == Secrecy.None) continue;
            if (first > 0 && Questions.Contains(Word(letters, ends, 0))) return Secrecy.None;
            var before = first == 0 ? default : Word(letters, ends, first - 1);
            // What Kubernetes calls so is a volume; the token itself is a JWT.
            if (before is "account" && first > 1 && Word(letters, ends, first - 2) is "service") return Secrecy.None;
            if (term.StartsWith("token") && (isPlural ? !OpeningTokens.Contains(before)
                : HarmlessTokens.Contains(before))) return Secrecy.None;
            return isPlural || last < words - 1 ? Secrecy.Texts : secrecy;
        }
        return Secrecy.None;
    }

    static ReadOnlySpan<char> Word(ReadOnlySpan<char> letters, ReadOnlySpan<int> ends, int index) =>
        letters[(index == 0 ? 0 : ends[index - 1])..ends[index]].TrimEnd("0123456789");

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

    Secrecy OfTerm(ReadOnlySpan<char> term, bool isOneWord, out bool isPlural)
    {
        isPlural = false;
        term = term.TrimEnd("0123456789");
        if (Matches(term, isOneWord) is not Secrecy.None and var secrecy) return secrecy;
        // Secrets in the plural are objects of a cluster, or their names.
        isPlural = term.Length > 1 && term[^1] == 's' && !term.EndsWith("secrets");
        return isPlural ? Matches(term[..^1], isOneWord) : Secrecy.None;
    }

    Secrecy Matches(ReadOnlySpan<char> term, bool isOneWord)
    {
        if (_hard.Contains(term)) return Secrecy.All;
        if (_soft.Contains(term)) return Secrecy.Texts;
        if (!isOneWord) return Secrecy.None;
        foreach (var suffix in _suffixes)
            if (term.EndsWith(suffix)) return _hard.Contains(suffix) ? Secrecy.All : Secrecy.Texts;
        return Secrecy.None;
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

    static HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Set(params string[] words) =>
        new HashSet<string>(words, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
}
