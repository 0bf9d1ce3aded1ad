using System.Globalization;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Grpc;

/// <summary>The header grpc-timeout: up to eight digits and a unit.</summary>
static class GrpcTimeout
{
    /// <summary>Null: the caller waits for ever.</summary>
    /// <exception cref="ServiceError">It is none.</exception>
    public static TimeSpan? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text)) return null;
        if (text.Length is < 2 or > 9 || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            throw Wrong(text);
        return text[^1] switch
        {
            'H' => Capped(count, TimeSpan.TicksPerHour),
            'M' => Capped(count, TimeSpan.TicksPerMinute),
            'S' => Capped(count, TimeSpan.TicksPerSecond),
            'm' => Capped(count, TimeSpan.TicksPerMillisecond),
            'u' => Capped(count, TimeSpan.TicksPerMicrosecond),
            'n' => TimeSpan.FromTicks(count / 100),
            _ => throw Wrong(text),
        };
    }

    // A timer takes less than 50 days; whoever waits for a day waits for ever here.
    static TimeSpan Capped(long count, long ticks) => TimeSpan.FromTicks(Math.Min(count * ticks, TimeSpan.TicksPerDay));

    static ServiceError Wrong(string text) => new(ErrorCode.Internal, $"grpc: malformed grpc-timeout \"{text}\"");
}
