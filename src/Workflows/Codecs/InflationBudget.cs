using Temporalio.Api.Common.V1;

namespace LogPipeline.Workflows.Codecs;

/// <summary>What may still be taken out of compressed payloads. Used by any thread.</summary>
sealed class InflationBudget(int bytes)
{
    long _left = bytes;

    /// <returns>Null: it is damaged, or holds more than is left; a reader of its own has to see to it.</returns>
    public Payload? TryDecompress(Payload payload)
    {
        var left = (int)Interlocked.Read(ref _left);
        var said = GzipPayload.LengthIn(payload);
        if (said > left) return null;
        try
        {
            var content = GzipPayload.Decompress(payload, left);
            Interlocked.Add(ref _left, -Math.Max(said, content.CalculateSize()));
            return content;
        }
        catch (PayloadNotReadableException)
        {
            // What was tried in vain has cost as much.
            Interlocked.Add(ref _left, -left);
            return null;
        }
    }
}
