using System.Diagnostics;

namespace LogPipeline.Publisher.Filtering;

/// <summary>
/// Admits one in so many events of the lower levels. With a trace the trace decides, by its id alone, so that every
/// process keeps the same traces and keeps them whole; without one every n-th event of its level is kept, beginning
/// with the first.
/// </summary>
/// <param name="verbose">One in how many Verbose events is kept; 1: all.</param>
/// <param name="debug">As <paramref name="verbose"/>, of Debug.</param>
/// <param name="information">As <paramref name="verbose"/>, of Information.</param>
sealed class Sampler(int verbose, int debug, int information)
{
    readonly int[] _rates = [verbose, debug, information];

    // Written by any thread that logs.
    readonly long[] _seen = new long[3];

    public bool Admits(LogEvent logEvent)
    {
        var level = (int)logEvent.Level;
        if ((uint)level >= (uint)_rates.Length || _rates[level] == 1) return true;
        var number = logEvent.TraceId is { } trace ? Of(trace) : (ulong)(Interlocked.Increment(ref _seen[level]) - 1);
        return number % (ulong)_rates[level] == 0;
    }

    /// <summary>The last eight bytes: W3C's trace ids are random there, whatever a tracer puts in front.</summary>
    static ulong Of(ActivityTraceId trace)
    {
        Span<byte> bytes = stackalloc byte[16];
        trace.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
    }
}
