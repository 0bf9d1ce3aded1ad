using Google.Protobuf.WellKnownTypes;

namespace TemporalDevServer.Engine;

/// <summary>
/// Instants and durations as the engine counts them: ticks of 100 ns; an instant of 0 is none, a duration of 0 no
/// limit.
/// </summary>
static class Ticks
{
    public const long PerSecond = TimeSpan.TicksPerSecond;

    // A century: longer durations count as unlimited, and sums cannot overflow.
    const long DurationMax = 100L * 365 * TimeSpan.TicksPerDay;

    public static Timestamp ToTimestamp(long instant) =>
        Timestamp.FromDateTime(new DateTime(instant, DateTimeKind.Utc));

    public static Timestamp? ToTimestampOrNull(long instant) => instant == 0 ? null : ToTimestamp(instant);

    public static Duration ToDuration(long ticks) =>
        new() { Seconds = ticks / PerSecond, Nanos = (int)(ticks % PerSecond) * 100 };

    public static long Of(Duration? duration)
    {
        if (duration is null) return 0;
        if (duration.Seconds >= DurationMax / PerSecond) return DurationMax;
        return duration.Seconds * PerSecond + duration.Nanos / 100;
    }

    public static bool IsNegative(Duration? duration) =>
        duration is not null && (duration.Seconds < 0 || duration.Nanos < 0);

    /// <summary>The instant a duration after another; 0 when the duration is no limit.</summary>
    public static long After(long instant, long duration) => duration == 0 ? 0 : instant + duration;

    /// <summary>The earlier of two instants, of which 0 is none.</summary>
    public static long Earlier(long a, long b)
    {
        if (a == 0) return b;
        return b == 0 ? a : Math.Min(a, b);
    }

    /// <summary>The shorter of two durations, of which 0 is no limit.</summary>
    public static long Shorter(long a, long b) => Earlier(a, b);
}
