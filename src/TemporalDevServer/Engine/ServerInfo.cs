using Temporalio.Api.OperatorService.V1;

namespace TemporalDevServer.Engine;

/// <summary>This server's name, version and capabilities.</summary>
static class ServerInfo
{
    public const string ClusterName = "active";

    /// <summary>The version of Temporal whose behaviour it has.</summary>
    public const string Version = "1.29.1";

    /// <summary>How the server signs what it does by itself.</summary>
    public const string Identity = "history-service";

    public static GetSystemInfoResponse SystemInfo() => new()
    {
        ServerVersion = Version,
        Capabilities = new()
        {
            SignalAndQueryHeader = true,
            InternalErrorDifferentiation = true,
            ActivityFailureIncludeHeartbeat = true,
            EncodedFailureAttributes = true,
            UpsertMemo = true,
            EagerWorkflowStart = true,
            SdkMetadata = true,
            CountGroupByExecutionStatus = true,
        },
    };

    public static GetClusterInfoResponse ClusterInfo(string clusterId) => new()
    {
        SupportedClients =
        {
            ["temporal-cli"] = "<2.0.0",
            ["temporal-go"] = "<2.0.0",
            ["temporal-java"] = "<2.0.0",
            ["temporal-php"] = "<2.0.0",
            ["temporal-server"] = "<2.0.0",
            ["temporal-typescript"] = "<2.0.0",
            ["temporal-ui"] = "<3.0.0",
        },
        ServerVersion = Version,
        ClusterId = clusterId,
        ClusterName = ClusterName,
        HistoryShardCount = 1,
        PersistenceStore = "journal",
        VisibilityStore = "memory",
        InitialFailoverVersion = 1,
        FailoverVersionIncrement = 10,
    };

    public static ListClustersResponse Clusters(string clusterId) => new()
    {
        Clusters =
        {
            new ClusterMetadata
            {
                ClusterName = ClusterName,
                ClusterId = clusterId,
                InitialFailoverVersion = 1,
                HistoryShardCount = 1,
                IsConnectionEnabled = true,
            },
        },
    };
}
