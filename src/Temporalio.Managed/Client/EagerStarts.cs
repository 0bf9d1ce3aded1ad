using Temporalio.Api.Deployment.V1;
using Temporalio.Api.WorkflowService.V1;

namespace Temporalio.Client;

/// <summary>
/// The workers over one connection that take a workflow's first task from the reply to its start, instead of from a poll.
/// Their slot is reserved before the start is sent, so that a task that comes can run at once.
/// </summary>
sealed class EagerStarts
{
    readonly Lock _lock = new();
    readonly List<Worker> _workers = [];

    /// <summary>From now on, until it is disposed, the worker may be asked for slots.</summary>
    /// <param name="deploymentOptions">What the server is to know of the worker; null: nothing.</param>
    /// <param name="tryReserve">Null: no slot is free.</param>
    public IDisposable Register(
        string @namespace, string taskQueue, WorkerDeploymentOptions? deploymentOptions, Func<IEagerSlot?> tryReserve)
    {
        var worker = new Worker(this, @namespace, taskQueue, deploymentOptions, tryReserve);
        lock (_lock) _workers.Add(worker);
        return worker;
    }

    /// <summary>Asks for the eager start if a worker holds a slot for it.</summary>
    /// <returns>The slot, to be disposed after use; null: the workflow starts like any other.</returns>
    public IEagerSlot? TryReserve(StartWorkflowExecutionRequest request)
    {
        Worker[] fitting;
        lock (_lock) fitting = [.. _workers.Where(w => w.Namespace == request.Namespace && w.TaskQueue == request.TaskQueue.Name)];
        foreach (var worker in fitting)
        {
            if (worker.TryReserve() is not { } slot) continue;
            request.RequestEagerExecution = true;
            request.EagerWorkerDeploymentOptions = worker.DeploymentOptions;
            return slot;
        }
        request.RequestEagerExecution = false;
        return null;
    }

    sealed class Worker(
        EagerStarts owner, string @namespace, string taskQueue, WorkerDeploymentOptions? deploymentOptions, Func<IEagerSlot?> tryReserve) : IDisposable
    {
        public string Namespace => @namespace;

        public string TaskQueue => taskQueue;

        public WorkerDeploymentOptions? DeploymentOptions => deploymentOptions;

        public IEagerSlot? TryReserve() => tryReserve();

        public void Dispose()
        {
            lock (owner._lock) owner._workers.Remove(this);
        }
    }
}

/// <summary>Room for one workflow task. Disposing it without a task gives the room back.</summary>
interface IEagerSlot : IDisposable
{
    void Take(PollWorkflowTaskQueueResponse task);
}
