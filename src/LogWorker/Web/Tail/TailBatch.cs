using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Web.Tail;

/// <summary>The lines of a batch that is on the disk.</summary>
/// <param name="Id">The batch, which is its workflow's id.</param>
/// <param name="Lines">The parts' bytes, one behind the other.</param>
/// <param name="Parts">Of each channel one.</param>
sealed record TailBatch(string Id, ReadOnlyMemory<byte> Lines, IReadOnlyList<PreparedPart> Parts)
{
    public int Records => Parts.Sum(part => part.RecordCount);

    /// <summary>In the order of the files; in the text format a record may have several.</summary>
    public IEnumerable<TailLine> GetLines()
    {
        var rest = Lines;
        foreach (var part in Parts)
        {
            var channel = ChannelName.Of(part.Channel).ToString();
            var lines = rest[..part.Length];
            rest = rest[part.Length..];
            for (int end; (end = lines.Span.IndexOf((byte)'\n')) >= 0; lines = lines[(end + 1)..])
                yield return new TailLine(Id, channel, part.Format, lines[..end]);
        }
    }
}

/// <summary>A line, without its line feed.</summary>
readonly record struct TailLine(string Batch, string Channel, LogFormat Format, ReadOnlyMemory<byte> Bytes);
