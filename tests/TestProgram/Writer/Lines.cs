using LogPipeline.DurableFiles;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.TestProgram.Writer;

/// <summary>Batches whose bytes depend on nothing but their numbers.</summary>
static class Lines
{
    /// <param name="instance">Whose batch.</param>
    /// <param name="first">The first record's number.</param>
    /// <param name="parts">Channels, each with its count of records.</param>
    public static PreparedBatch Batch(string instance, long first, params (string Channel, int Records)[] parts)
    {
        var lines = new List<byte>();
        var prepared = new List<PreparedPart>();
        var next = first;
        foreach (var (channel, records) in parts)
        {
            var start = lines.Count;
            for (var i = 0; i < records; i++, next++)
                lines.AddRange(Encoding.ASCII.GetBytes(
                    $$"""{"@t":"2100-01-01T10:00:00Z","@mt":"Event {{next}}","level":"info","channel":"{{channel}}","source":"proof","instance":"{{instance}}","seq":{{next}}}""" + "\n"));
            prepared.Add(new PreparedPart(channel, lines.Count - start, records, Crc32C.Compute(lines[start..].ToArray())));
        }
        return new PreparedBatch(new BatchId("proof", instance, first), lines.ToArray(), prepared);
    }
}
