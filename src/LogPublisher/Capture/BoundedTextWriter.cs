using System.Globalization;
using System.Text;

namespace LogPipeline.Publisher.Capture;

/// <summary>Keeps the first characters that are written to it and counts the rest, so that a huge message costs no memory.</summary>
sealed class BoundedTextWriter(int lengthMax) : TextWriter(CultureInfo.InvariantCulture)
{
    readonly StringBuilder _text = new();

    public long Length { get; private set; }
    public bool IsCut => Length > _text.Length;
    public override Encoding Encoding => Encoding.Unicode;

    public override void Write(char value)
    {
        Length++;
        if (_text.Length < lengthMax) _text.Append(value);
    }

    public override void Write(ReadOnlySpan<char> buffer)
    {
        Length += buffer.Length;
        var room = lengthMax - _text.Length;
        if (room > 0) _text.Append(buffer[..Math.Min(room, buffer.Length)]);
    }

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override string ToString() => _text.ToString();
}
