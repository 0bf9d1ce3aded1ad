namespace Temporalio.Client;

/// <summary>Compression of calls as a whole, beside whatever a payload codec does.</summary>
public abstract record GrpcCompression
{
    internal GrpcCompression()
    {
    }

    /// <summary>Requests are gzipped while the server takes it, and gzipped responses accepted.</summary>
    public sealed record Gzip() : GrpcCompression;

    /// <summary>None in either direction.</summary>
    public sealed record None() : GrpcCompression;
}
