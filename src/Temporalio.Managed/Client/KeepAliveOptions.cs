namespace Temporalio.Client;

/// <summary>HTTP/2 pings that notice a dead connection.</summary>
public class KeepAliveOptions : ICloneable
{
    /// <summary>Time between pings, default 30 s. Below 10 s it counts as 10 s: Temporal ends connections that are pinged faster.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an answer may take before the connection counts as dead, default 15 s, at least 1 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A copy.</summary>
    public virtual object Clone() => MemberwiseClone();
}
