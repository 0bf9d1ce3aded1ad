namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Finds card numbers: 14 to 19 digits, in one piece or in groups with a space or a hyphen between, that begin as an
/// issuer's numbers do, have the length that issuer uses, and pass the Luhn check. Of 19 digits only UnionPay's count:
/// a tenth of all random 64-bit ids pass the check, and cards of other issuers hardly have that length. A number with a
/// sign is no card number. A group has three digits at least, so that each digit is read a few times only.
/// </summary>
static class CardNumbers
{
    const int DigitsMin = 14;
    const int DigitsMax = 19;
    const int GroupMin = 3;

    public static void Find(ReadOnlySpan<char> text, ref Hits hits)
    {
        if (text.Length < DigitsMin) return;
        Span<byte> digits = stackalloc byte[DigitsMax];
        var at = 0;
        while (text[at..].IndexOfAnyInRange('0', '9') is >= 0 and var step)
        {
            at += step;
            if (text.Length - at < DigitsMin) return;
            var end = GroupEnd(text, at);
            if (!IsWithinWord(text, at) && end - at is >= GroupMin and <= DigitsMax
                && CardEnd(text, at, end, digits) is > 0 and var cardEnd)
            {
                hits.Add(at, cardEnd);
                end = cardEnd;
            }
            at = end;
        }
    }

    /// <summary>What begins here belongs to what stands before it: a name, a fraction, a sign.</summary>
    static bool IsWithinWord(ReadOnlySpan<char> text, int at)
    {
        if (at == 0) return false;
        return char.IsLetter(text[at - 1]) || text[at - 1] is '_' or '.'
            || (text[at - 1] == '-' && (at == 1 || !char.IsLetterOrDigit(text[at - 2])));
    }

    /// <summary>Where a card number that begins here ends, or 0. Longer ones are preferred.</summary>
    static int CardEnd(ReadOnlySpan<char> text, int at, int groupEnd, Span<byte> digits)
    {
        var found = 0;
        var count = 0;
        var groupStart = at;
        while (true)
        {
            if (count + groupEnd - groupStart > DigitsMax) return found;
            for (var i = groupStart; i < groupEnd; i++) digits[count++] = (byte)(text[i] - '0');
            var isWord = groupEnd < text.Length && (char.IsLetter(text[groupEnd]) || text[groupEnd] == '_'
                || (text[groupEnd] == '.' && groupEnd + 1 < text.Length && char.IsAsciiDigit(text[groupEnd + 1])));
            if (count >= DigitsMin && !isWord && IsCard(digits[..count])) found = groupEnd;
            if (groupEnd + 1 >= text.Length || text[groupEnd] is not (' ' or '-')
                || !char.IsAsciiDigit(text[groupEnd + 1])) return found;
            groupStart = groupEnd + 1;
            groupEnd = GroupEnd(text, groupStart);
            if (groupEnd - groupStart < GroupMin) return found;
        }
    }

    static int GroupEnd(ReadOnlySpan<char> text, int at)
    {
        var length = text[at..].IndexOfAnyExceptInRange('0', '9');
        return length < 0 ? text.Length : at + length;
    }

    /// <summary>Whether a number's digits are a card's.</summary>
    public static bool IsCard(ReadOnlySpan<char> number)
    {
        if (number.Length is < DigitsMin or > DigitsMax || number.ContainsAnyExceptInRange('0', '9')) return false;
        Span<byte> digits = stackalloc byte[DigitsMax];
        for (var i = 0; i < number.Length; i++) digits[i] = (byte)(number[i] - '0');
        return IsCard(digits[..number.Length]);
    }

    public static bool IsCard(ReadOnlySpan<byte> digits) => IsIssued(digits) && Luhn(digits);

    static bool IsIssued(ReadOnlySpan<byte> digits)
    {
        var four = digits[0] * 1000 + digits[1] * 100 + digits[2] * 10 + digits[3];
        return digits.Length switch
        {
            14 => four is >= 3000 and <= 3059 or >= 3600 and <= 3699 or >= 3800 and <= 3999,
            15 => four is >= 3400 and <= 3499 or >= 3700 and <= 3799,
            16 =>
                four is >= 4000 and <= 4999 or >= 5100 and <= 5599 or >= 2221 and <= 2720 or >= 3528 and <= 3589 or 6011
                    or >= 6440 and <= 6599 or >= 6200 and <= 6299,
            17 or 18 or 19 => four is >= 6200 and <= 6299,
            _ => false,
        };
    }

    static bool Luhn(ReadOnlySpan<byte> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            int digit = digits[digits.Length - 1 - i];
            if (i % 2 == 1 && (digit *= 2) > 9) digit -= 9;
            sum += digit;
        }
        return sum % 10 == 0;
    }
}
