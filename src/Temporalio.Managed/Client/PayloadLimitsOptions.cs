namespace Temporalio.Client;

/// <summary>From which sizes on a connection warns of what it sends. It sends it all the same.</summary>
public class PayloadLimitsOptions : ICloneable
{
    /// <summary>Bytes of one field of payloads: an input, a result, one argument list. Default 512 KiB; zero: never warn.</summary>
    public int PayloadsWarnSize { get; set; } = 512 * 1024;

    /// <summary>Bytes of a memo. Default 2 KiB; zero: never warn.</summary>
    public int MemoWarnSize { get; set; } = 2 * 1024;

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();

    /// <exception cref="ArgumentOutOfRangeException">A size is negative.</exception>
    internal PayloadSizeLimits ToLimits()
    {
        if (PayloadsWarnSize < 0)
            throw new ArgumentOutOfRangeException(nameof(PayloadsWarnSize), PayloadsWarnSize, "PayloadLimits.PayloadsWarnSize must not be negative.");
        if (MemoWarnSize < 0)
            throw new ArgumentOutOfRangeException(nameof(MemoWarnSize), MemoWarnSize, "PayloadLimits.MemoWarnSize must not be negative.");
        return new(PayloadsWarnSize, MemoWarnSize);
    }
}
