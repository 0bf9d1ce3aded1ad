using Temporalio.Worker;

namespace Temporalio.Extensions.Hosting;

/// <summary>Gives running hosted workers another client, for instance one with new credentials. One may serve any number of workers.</summary>
public class TemporalWorkerClientUpdater
{
    event Action<IWorkerClient>? Updated;

    /// <summary>Every worker that runs with this updater takes the client. Workers that start later do not know of it.</summary>
    /// <exception cref="InvalidOperationException">It is a lazy client that has not connected.</exception>
    public void UpdateClient(IWorkerClient client) => Updated?.Invoke(client);

    internal void Subscribe(Action<IWorkerClient> onUpdated) => Updated += onUpdated;

    internal void Unsubscribe(Action<IWorkerClient> onUpdated) => Updated -= onUpdated;
}
