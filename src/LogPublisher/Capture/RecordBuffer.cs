using System.Buffers;
using System.Buffers.Text;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// JSON text in UTF-8 that never grows over a limit: a write that does not fit sets <see cref="IsFull"/> and is left
/// out, and so is all that follows, until the caller goes back to a length it noted before. Texts keep every character
/// but those that could end a line or steer a terminal or an editor (controls, line and paragraph separators,
/// directional marks, the byte order mark): these are written as \uXXXX, so that they read back equal. A lone surrogate
/// has no UTF-8 form and becomes U+FFFD.
/// </summary>
sealed class RecordBuffer
{
    const int InitialSize = 1024;
    const int KeptSizeMax = 64 * 1024;

    // What stands in a JSON text as one byte, as it is.
    static readonly SearchValues<char> Plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    byte[] _bytes = new byte[InitialSize];
    int _limit;

    public int Length { get; private set; }
    public bool IsFull { get; private set; }
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);
    public int Room => _limit - Length;

    public void Clear(int limit)
    {
        if (_bytes.Length > KeptSizeMax) _bytes = new byte[InitialSize];
        Length = 0;
        IsFull = false;
        _limit = limit;
    }

    public void SetLimit(int limit) => _limit = limit;

    public void ReturnTo(int length)
    {
        Length = length;
        IsFull = false;
    }

    public void Raw(ReadOnlySpan<byte> utf8)
    {
        if (!Reserve(utf8.Length)) return;
        utf8.CopyTo(_bytes.AsSpan(Length));
        Length += utf8.Length;
    }

    public void Number<T>(T value, ReadOnlySpan<char> format = default) where T : IUtf8SpanFormattable
    {
        if (!Reserve(64)) return;
        if (value.TryFormat(_bytes.AsSpan(Length), out var written, format, CultureInfo.InvariantCulture))
            Length += written;
        else IsFull = true;
    }

    /// <summary>
    /// Writes a quoted text, cut to <paramref name="charsMax"/> characters and <paramref name="bytesMax"/> bytes.
    /// </summary>
    /// <returns>False when it was cut.</returns>
    public bool Text(ReadOnlySpan<char> text, int charsMax = int.MaxValue, int bytesMax = int.MaxValue)
    {
        var whole = true;
        if (text.Length > charsMax)
        {
            text = text[..charsMax];
            if (char.IsHighSurrogate(text[^1])) text = text[..^1];
            whole = false;
        }
        Raw("\""u8);
        var end = bytesMax < Room - 4 ? Length + bytesMax : int.MaxValue;
        while (!text.IsEmpty && !IsFull)
        {
            var plain = text.IndexOfAnyExcept(Plain);
            if (plain < 0) plain = text.Length;
            if (plain > 0)
            {
                var take = Math.Min(plain, Math.Max(0, end - Length));
                PlainText(text[..take]);
                text = text[take..];
                if (take < plain) break;
                continue;
            }
            if (Length >= end) break;
            Rune.DecodeFromUtf16(text, out var rune, out var used);
            Escaped(rune);
            text = text[used..];
        }
        if (!text.IsEmpty) whole = false;
        if (!whole) Raw("…"u8);
        Raw("\""u8);
        return whole;
    }

    void PlainText(ReadOnlySpan<char> text)
    {
        if (!Reserve(text.Length)) return;
        System.Text.Ascii.FromUtf16(text, _bytes.AsSpan(Length), out var written);
        Length += written;
    }

    void Escaped(Rune rune)
    {
        if (!Reserve(6)) return;
        var target = _bytes.AsSpan(Length);
        var shortForm = rune.Value switch
        {
            '"' => (byte)'"',
            '\\' => (byte)'\\',
            '\n' => (byte)'n',
            '\r' => (byte)'r',
            '\t' => (byte)'t',
            '\f' => (byte)'f',
            _ => (byte)0,
        };
        if (shortForm != 0)
        {
            target[0] = (byte)'\\';
            target[1] = shortForm;
            Length += 2;
        }
        else if (MustBeEscaped(rune.Value))
        {
            "\\u"u8.CopyTo(target);
            Utf8Formatter.TryFormat((ushort)rune.Value, target[2..], out _, new StandardFormat('X', 4));
            Length += 6;
        }
        else
        {
            Length += rune.EncodeToUtf8(target);
        }
    }

    static bool MustBeEscaped(int c) =>
        c is < 0x20 or (>= 0x7f and <= 0x9f) or 0x061c or 0x200e or 0x200f or 0x2028 or 0x2029
            or (>= 0x202a and <= 0x202e) or (>= 0x2066 and <= 0x2069) or 0xfeff;

    bool Reserve(int count)
    {
        if (IsFull) return false;
        if (count > _limit - Length)
        {
            IsFull = true;
            return false;
        }
        if (count > _bytes.Length - Length)
            Array.Resize(ref _bytes, (int)Math.Max((uint)Length + (uint)count,
                Math.Min((uint)_bytes.Length * 2, (uint)_limit)));
        return true;
    }
}
