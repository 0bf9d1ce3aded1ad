using Temporalio.Client;

namespace Temporalio.Worker;

/// <summary>What a worker needs of a client. Every <see cref="ITemporalClient"/> is one.</summary>
public interface IWorkerClient
{
    TemporalClientOptions Options { get; }

    ITemporalConnection Connection { get; }
}
