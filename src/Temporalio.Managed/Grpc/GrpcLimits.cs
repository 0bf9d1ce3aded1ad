namespace Temporalio.Grpc;

/// <summary>What one message may take.</summary>
/// <param name="SendBytesMax">Largest request. The server has its own, smaller limit (4 MiB unless configured otherwise) and says so itself.</param>
/// <param name="ReceiveBytesMax">
/// Largest response, before and after inflation. 128 MiB, as in Temporal's other SDKs: a page of history may hold events of
/// 2 MiB each, so gRPC's usual 4 MiB would make a legal history unreadable; a whole history ends at 50 MiB.
/// </param>
/// <param name="InflateRatioMax">Largest inflated size as a multiple of the compressed one, looked at above <paramref name="InflateFreeBytes"/>.</param>
/// <param name="InflateFreeBytes">Inflated size up to which any ratio passes: logs that repeat themselves compress a thousandfold.</param>
readonly record struct GrpcLimits(int SendBytesMax, int ReceiveBytesMax, int InflateRatioMax, int InflateFreeBytes)
{
    public static GrpcLimits Default { get; } = new(128 << 20, 128 << 20, 100, 8 << 20);
}
