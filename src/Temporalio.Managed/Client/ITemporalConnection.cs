namespace Temporalio.Client;

/// <summary>A connection to Temporal. Safe for any number of threads, and meant to be shared.</summary>
public interface ITemporalConnection
{
    /// <summary>Metadata of every call. Setting it replaces all of it.</summary>
    /// <exception cref="InvalidOperationException">Set before the first connect.</exception>
    IReadOnlyCollection<KeyValuePair<string, string>> RpcMetadata { get; set; }

    /// <summary>Binary metadata of every call. Setting it replaces all of it.</summary>
    /// <exception cref="InvalidOperationException">Set before the first connect.</exception>
    IReadOnlyCollection<KeyValuePair<string, byte[]>> RpcBinaryMetadata { get; set; }

    /// <summary>Bearer token of every call. Setting it does not turn TLS on or off.</summary>
    /// <exception cref="InvalidOperationException">Set before the first connect.</exception>
    string? ApiKey { get; set; }

    WorkflowService WorkflowService { get; }

    /// <summary>What the connection was made with.</summary>
    TemporalConnectionOptions Options { get; }

    /// <summary>Whether it has ever connected; it does not become false when the server goes away.</summary>
    bool IsConnected { get; }

    /// <summary>Asks the server's health service.</summary>
    /// <param name="service">Null: the workflow service.</param>
    /// <exception cref="Exceptions.RpcException">The server did not answer the question.</exception>
    Task<bool> CheckHealthAsync(RpcService? service = null, RpcOptions? options = null);

    /// <summary>Connects a lazy connection now; nothing happens when it is connected.</summary>
    /// <exception cref="InvalidOperationException">It could not connect; the message says why.</exception>
    Task ConnectAsync();
}
