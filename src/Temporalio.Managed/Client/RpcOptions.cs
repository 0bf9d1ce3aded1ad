namespace Temporalio.Client;

/// <summary>Options of one call, or of each call that an operation makes.</summary>
public class RpcOptions : ICloneable
{
    /// <summary>Whether failures that pass are retried. Null: yes for operations of the client, no for raw calls.</summary>
    public bool? Retry { get; set; }

    /// <summary>Metadata of this call; wins over the connection's of the same name.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>>? Metadata { get; set; }

    /// <summary>Binary metadata of this call, names ending in <c>-bin</c>; wins over the connection's of the same name.</summary>
    public IReadOnlyCollection<KeyValuePair<string, byte[]>>? BinaryMetadata { get; set; }

    /// <summary>Deadline of each attempt. Null: 30 s, or 70 s for long polls.</summary>
    public TimeSpan? Timeout { get; set; }

    public CancellationToken? CancellationToken { get; set; }

    /// <summary>A shallow copy.</summary>
    public virtual object Clone() => MemberwiseClone();

    /// <summary>These options with one more token; the source, where there is one, is to be disposed after use.</summary>
    protected internal Tuple<RpcOptions, CancellationTokenSource?> WithAdditionalCancellationToken(CancellationToken? cancellationToken)
    {
        if (cancellationToken is not { CanBeCanceled: true } added) return new(this, null);
        var copy = (RpcOptions)Clone();
        if (CancellationToken is not { } own)
        {
            copy.CancellationToken = added;
            return new(copy, null);
        }
        var both = CancellationTokenSource.CreateLinkedTokenSource(own, added);
        copy.CancellationToken = both.Token;
        return new(copy, both);
    }
}
