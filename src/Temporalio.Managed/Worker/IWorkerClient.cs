using Temporalio.Client;

namespace Temporalio.Worker;

/// <summary>What a worker needs of a client. Every <see cref="ITemporalClient"/> is one.</summary>
public interface IWorkerClient
{
    TemporalClientOptions Options { get; }

    // Outside of this assembly only clients have a connection.
    internal ITemporalConnection WorkerConnection => (this as ITemporalClient)?.Connection
        ?? throw new ArgumentException($"{GetType()} cannot serve a worker; a {nameof(TemporalClient)} can.");
}
