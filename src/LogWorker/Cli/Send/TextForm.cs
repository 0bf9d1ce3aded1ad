namespace LogPipeline.Worker.Cli.Send;

/// <summary>How a text lies in bytes: what its byte order mark says, and without one UTF-8.</summary>
/// <param name="UnitBytes">Bytes of a line feed.</param>
/// <param name="IsBigEndian">The line feed is the last byte of its unit.</param>
/// <param name="MarkBytes">Bytes of the byte order mark, which belongs to no line.</param>
sealed record TextForm(Encoding Encoding, int UnitBytes, bool IsBigEndian, int MarkBytes)
{
    /// <summary>A look at so many bytes tells text from other files.</summary>
    public const int HeadBytes = 8 * 1024;

    static readonly TextForm Utf8 = new(Encoding.UTF8, 1, false, 0);

    // In the order in which they are tried: the mark of UTF-32 begins with that of UTF-16.
    static readonly (byte[] Mark, TextForm Form)[] Marked =
    [
        ([0xEF, 0xBB, 0xBF], Utf8 with { MarkBytes = 3 }),
        ([0xFF, 0xFE, 0, 0], new(new UTF32Encoding(bigEndian: false, byteOrderMark: false), 4, false, 4)),
        ([0, 0, 0xFE, 0xFF], new(new UTF32Encoding(bigEndian: true, byteOrderMark: false), 4, true, 4)),
        ([0xFF, 0xFE], new(new UnicodeEncoding(bigEndian: false, byteOrderMark: false), 2, false, 2)),
        ([0xFE, 0xFF], new(new UnicodeEncoding(bigEndian: true, byteOrderMark: false), 2, true, 2)),
    ];

    static readonly (byte[] Magic, string Name, string Unpack)[] Packed =
    [
        ([0x1F, 0x8B], "gzip", "zcat"),
        ([0x28, 0xB5, 0x2F, 0xFD], "zstd", "zstdcat"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz", "xzcat"),
        ([0x42, 0x5A, 0x68], "bzip2", "bzcat"),
        ([0x50, 0x4B, 3, 4], "zip", "unzip -p"),
    ];

    /// <param name="head">The first bytes of the text.</param>
    public static TextForm Of(ReadOnlySpan<byte> head)
    {
        foreach (var (mark, form) in Marked)
            if (head.StartsWith(mark)) return form;
        return Utf8;
    }

    /// <summary>Why the bytes are no text; null: they are, as far as can be seen.</summary>
    /// <param name="head">The first bytes of the input.</param>
    public static string? WhyNoText(ReadOnlySpan<byte> head)
    {
        foreach (var (magic, name, unpack) in Packed)
            if (head.StartsWith(magic)) return $"is packed with {name}; send what '{unpack}' makes of it";
        var looked = head[..Math.Min(head.Length, HeadBytes)];
        return Of(head).UnitBytes == 1 && looked.Contains((byte)0)
            ? "is binary, or UTF-16 without a byte order mark: its beginning holds NUL; send text" : null;
    }

    /// <summary>The text; bytes that are none become U+FFFD.</summary>
    public (string Text, bool IsReplaced) Decode(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.GetString(bytes);
        // It may stand in the text itself.
        return (text, text.Contains('\uFFFD') && !bytes.SequenceEqual(Encoding.GetBytes(text)));
    }

    /// <summary>How many whole characters' bytes there are among the first ones of a line that is cut.</summary>
    public int WholeBytes(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length / UnitBytes * UnitBytes;
        if (UnitBytes > 1 || length == 0) return length;
        // The last character's first byte is none of the form 10xxxxxx; four bytes are the longest.
        var first = length - 1;
        while (first > 0 && first > length - 4 && (bytes[first] & 0xC0) == 0x80) first--;
        return Rune.DecodeFromUtf8(bytes[first..length], out _, out _) == System.Buffers.OperationStatus.NeedMoreData
            ? first : length;
    }
}
