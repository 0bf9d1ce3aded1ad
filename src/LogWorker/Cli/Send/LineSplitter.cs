using System.Runtime.InteropServices;

namespace LogPipeline.Worker.Cli.Send;

/// <param name="Text">Without what ends it.</param>
/// <param name="End">The place behind it, in bytes from the start of its input.</param>
/// <param name="IsReplaced">It held bytes that are no text.</param>
readonly record struct InputLine(string Text, long End, bool IsReplaced = false);

/// <summary>
/// Makes lines of bytes. A line feed ends a line, and so does a carriage return before it; a carriage return elsewhere
/// belongs to its line. Bytes that are no text of the form become U+FFFD. Of a line longer than the bound the beginning
/// is kept. Nothing here reads or waits.
/// </summary>
/// <param name="position">Where in the input the first byte stands that comes.</param>
sealed class LineSplitter(TextForm form, long position, int lineBytesMax = LineSplitter.LineBytesMax)
{
    /// <summary>No less than a record may have, so that the sink cuts, and counts, whatever was cut here.</summary>
    public const int LineBytesMax = PipelineDefaults.BatchBytesLimit;
    const int RoomBytes = 64 * 1024;

    byte[] _bytes = new byte[2 * RoomBytes];
    // What is between belongs to the line that has begun; up to _searched there is no line feed in it.
    int _from;
    int _searched;
    int _to;
    long _position = position;
    // The beginning of a line over the bound, the rest of which is passed over.
    (string Text, bool IsReplaced)? _cut;

    /// <summary>The place of the next byte that comes.</summary>
    public long ReadThrough => _position + _to - _from;

    /// <summary>Where the next bytes go.</summary>
    public Memory<byte> Room()
    {
        if (_from > 0)
        {
            _bytes.AsSpan(_from, _to - _from).CopyTo(_bytes);
            (_from, _searched, _to) = (0, _searched - _from, _to - _from);
        }
        if (_bytes.Length - _to < RoomBytes) Array.Resize(ref _bytes, 2 * _bytes.Length);
        return _bytes.AsMemory(_to, RoomBytes);
    }

    /// <summary>So many bytes have come.</summary>
    public void Filled(int count) => _to += count;

    public bool TryTake(out InputLine line)
    {
        var found = IndexOfLineFeed();
        if (found < 0)
        {
            _searched = _from + (_to - _from) / form.UnitBytes * form.UnitBytes;
            if (_to - _from > lineBytesMax + 2 * form.UnitBytes) Cut();
            line = default;
            return false;
        }
        var end = found;
        if (end > _from && IsUnit(end - form.UnitBytes, (byte)'\r')) end -= form.UnitBytes;
        line = Take(end, found + form.UnitBytes);
        return true;
    }

    /// <summary>What stands behind the last line feed, when nothing more comes.</summary>
    public bool TryTakeRest(out InputLine line)
    {
        line = default;
        if (_to == _from && _cut is null) return false;
        line = Take(_to, _to);
        return true;
    }

    InputLine Take(int end, int next)
    {
        var (text, isReplaced) = _cut ?? TextOf(_from, end);
        _cut = null;
        _position += next - _from;
        _from = _searched = next;
        return new InputLine(text, _position, isReplaced);
    }

    (string Text, bool IsReplaced) TextOf(int from, int end)
    {
        var length = end - from <= lineBytesMax
            ? end - from : form.WholeBytes(_bytes.AsSpan(from, lineBytesMax));
        return form.Decode(_bytes.AsSpan(from, length));
    }

    void Cut()
    {
        _cut ??= TextOf(_from, _to);
        _position += _searched - _from;
        _from = _searched;
    }

    int IndexOfLineFeed()
    {
        var units = (_to - _searched) / form.UnitBytes;
        var searched = _bytes.AsSpan(_searched, units * form.UnitBytes);
        var at = form.UnitBytes switch
        {
            1 => searched.IndexOf((byte)'\n'),
            2 => MemoryMarshal.Cast<byte, ushort>(searched).IndexOf(form.IsBigEndian ? (ushort)0x0A00 : (ushort)'\n'),
            _ => MemoryMarshal.Cast<byte, uint>(searched).IndexOf(form.IsBigEndian ? 0x0A00_0000 : (uint)'\n'),
        };
        return at < 0 ? -1 : _searched + at * form.UnitBytes;
    }

    bool IsUnit(int at, byte value)
    {
        var unit = _bytes.AsSpan(at, form.UnitBytes);
        var place = form.IsBigEndian ? form.UnitBytes - 1 : 0;
        return unit[place] == value && unit.Count((byte)0) == form.UnitBytes - 1;
    }
}
