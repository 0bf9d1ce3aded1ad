using System.Buffers;

namespace LogPipeline.Worker.Formats;

/// <summary>Makes lines of a record. The same record gives the same bytes every time, on every machine.</summary>
abstract class LineFormatter
{
    /// <param name="record">One CLEF object; that it is one was looked at before.</param>
    /// <param name="lines">Takes whole lines, the last line feed included.</param>
    public abstract void Write(ReadOnlySpan<byte> record, IBufferWriter<byte> lines);

    public static LineFormatter Of(LogFormat format, TextTemplate template) => format switch
    {
        LogFormat.Clef => ClefFormatter.Instance,
        LogFormat.Json => FlatJsonFormatter.Instance,
        _ => new TextFormatter(template),
    };
}

/// <summary>The record as it came.</summary>
sealed class ClefFormatter : LineFormatter
{
    public static ClefFormatter Instance { get; } = new();

    public override void Write(ReadOnlySpan<byte> record, IBufferWriter<byte> lines)
    {
        lines.Write(record);
        lines.Write("\n"u8);
    }
}
