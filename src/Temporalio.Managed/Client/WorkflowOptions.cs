using System.Linq.Expressions;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Workflows;

namespace Temporalio.Client;

/// <summary>How a workflow is started. <see cref="Id"/> and <see cref="TaskQueue"/> are required.</summary>
public class WorkflowOptions : ICloneable
{
    public WorkflowOptions()
    {
    }

    public WorkflowOptions(string id, string taskQueue)
    {
        Id = id;
        TaskQueue = taskQueue;
    }

    /// <summary>At most one open run has it; the server keeps it as long as the history. Required.</summary>
    public string? Id { get; set; }

    /// <summary>Required.</summary>
    public string? TaskQueue { get; set; }

    /// <summary>One line for UI and CLI. Goes through the codec, not through search.</summary>
    public string? StaticSummary { get; set; }

    /// <summary>More lines for UI and CLI.</summary>
    public string? StaticDetails { get; set; }

    /// <summary>For the workflow with all its retries and continuations.</summary>
    public TimeSpan? ExecutionTimeout { get; set; }

    /// <summary>For one run.</summary>
    public TimeSpan? RunTimeout { get; set; }

    /// <summary>For one workflow task; null: the server's default, 10 s.</summary>
    public TimeSpan? TaskTimeout { get; set; }

    /// <summary>What a closed workflow of the same id means.</summary>
    public WorkflowIdReusePolicy IdReusePolicy { get; set; } = WorkflowIdReusePolicy.AllowDuplicate;

    /// <summary>What an open workflow of the same id means. Unspecified: the start fails.</summary>
    public WorkflowIdConflictPolicy IdConflictPolicy { get; set; } = WorkflowIdConflictPolicy.Unspecified;

    /// <summary>Null: a failed workflow is not retried.</summary>
    public RetryPolicy? RetryPolicy { get; set; }

    public string? CronSchedule { get; set; }

    /// <summary>Shown, not searched. No value may be null.</summary>
    public IReadOnlyDictionary<string, object>? Memo { get; set; }

    /// <summary>Searched; not encoded by any codec.</summary>
    public SearchAttributeCollection? TypedSearchAttributes { get; set; }

    /// <summary>Not together with a cron schedule.</summary>
    public TimeSpan? StartDelay { get; set; }

    /// <summary>A signal that is sent in any case; the workflow is started only if it does not run.</summary>
    public string? StartSignal { get; set; }

    /// <summary>Only together with <see cref="StartSignal"/>.</summary>
    public IReadOnlyCollection<object?>? StartSignalArgs { get; set; }

    /// <summary>
    /// Asks the server to hand the first task to a worker that uses this client's connection and runs in this process, with
    /// the reply to the start. Starts as usual when no such worker has a free slot, or the server does not do it.
    /// </summary>
    public bool RequestEagerStart { get; set; }

    public RpcOptions? Rpc { get; set; }

    public Priority? Priority { get; set; }

    /// <summary>Wins over the versioning that the task queue's current deployment would give the workflow. Null: that one.</summary>
    public VersioningOverride? VersioningOverride { get; set; }

    /// <summary>Null: a new one. The server takes a repeated start of the same id and request id for the same start.</summary>
    internal string? RequestId { get; set; }

    /// <summary>Sets <see cref="StartSignal"/> and its arguments from a call of a signal handler.</summary>
    public void SignalWithStart<TWorkflow>(Expression<Func<TWorkflow, Task>> signalCall)
    {
        var (method, args) = ExpressionUtil.ExtractCall(signalCall);
        SignalWithStart(WorkflowSignalDefinition.RetrieveName(method), args);
    }

    /// <summary>Sets <see cref="StartSignal"/> and its arguments.</summary>
    public void SignalWithStart(string signal, IReadOnlyCollection<object?> args)
    {
        StartSignal = signal;
        StartSignalArgs = args;
    }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (WorkflowOptions)MemberwiseClone();
        copy.Rpc = (RpcOptions?)Rpc?.Clone();
        return copy;
    }
}
