namespace Temporalio.Client;

/// <summary>Options of <see cref="AsyncActivityHandle.CompleteAsync"/>.</summary>
public class AsyncActivityCompleteOptions : ICloneable
{
    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (AsyncActivityCompleteOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}

/// <summary>Options of <see cref="AsyncActivityHandle.FailAsync"/>.</summary>
public class AsyncActivityFailOptions : ICloneable
{
    /// <summary>
    /// For the next attempt to read. Null: what the last heartbeat said stays, as it does in any case when the activity is
    /// named by ids and the server is 1.29 or older.
    /// </summary>
    public IReadOnlyCollection<object?>? LastHeartbeatDetails { get; set; }

    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (AsyncActivityFailOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}

/// <summary>Options of <see cref="AsyncActivityHandle.HeartbeatAsync"/>.</summary>
public class AsyncActivityHeartbeatOptions : ICloneable
{
    /// <summary>For the next attempt to read; they replace those of the heartbeat before.</summary>
    public IReadOnlyCollection<object?>? Details { get; set; }

    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (AsyncActivityHeartbeatOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}

/// <summary>Options of <see cref="AsyncActivityHandle.ReportCancellationAsync"/>.</summary>
public class AsyncActivityReportCancellationOptions : ICloneable
{
    /// <summary>What the workflow finds as the cancellation's details.</summary>
    public IReadOnlyCollection<object?>? Details { get; set; }

    public RpcOptions? Rpc { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (AsyncActivityReportCancellationOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
