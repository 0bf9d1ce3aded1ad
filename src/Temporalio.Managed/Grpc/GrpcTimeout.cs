using System.Globalization;

namespace Temporalio.Grpc;

/// <summary>
/// The deadline of a call: what the server is told (<c>grpc-timeout</c>: up to eight digits and a unit) and how long the
/// client waits itself. The client waits a little longer, so that a server that lives has the say.
/// </summary>
static class GrpcTimeout
{
    static readonly TimeSpan GraceMax = TimeSpan.FromSeconds(5);

    static readonly (char Unit, long Ticks)[] Units =
    [
        ('u', TimeSpan.TicksPerMicrosecond),
        ('m', TimeSpan.TicksPerMillisecond),
        ('S', TimeSpan.TicksPerSecond),
        ('M', TimeSpan.TicksPerMinute),
        ('H', TimeSpan.TicksPerHour),
    ];

    /// <summary>The finest unit that fits eight digits, rounded up: a deadline is never told shorter than it is.</summary>
    public static string Format(TimeSpan timeout)
    {
        foreach (var (unit, ticks) in Units)
        {
            var count = Math.DivRem(timeout.Ticks, ticks, out var rest) + (rest > 0 ? 1 : 0);
            if (count < 100_000_000) return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
        }
        return "99999999H";
    }

    /// <summary>How long the client waits for an answer to a call with this deadline: a tenth longer, at most 5 s.</summary>
    public static TimeSpan Local(TimeSpan timeout)
    {
        var grace = timeout / 10;
        return timeout + (grace < GraceMax ? grace : GraceMax);
    }
}
