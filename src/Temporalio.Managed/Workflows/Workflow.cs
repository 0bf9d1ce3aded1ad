using Microsoft.Extensions.Logging;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker.Replay;

namespace Temporalio.Workflows;

/// <summary>
/// What workflow code may use of the world. Every member throws <see cref="InvalidOperationException"/> outside of a workflow.
/// </summary>
public static partial class Workflow
{
    /// <summary>Cancelled when the workflow's cancellation is requested.</summary>
    public static CancellationToken CancellationToken => Context.CancellationToken;

    /// <summary>True when the server finds the history long enough to start a new run.</summary>
    public static bool ContinueAsNewSuggested => Context.Machines.ContinueAsNewSuggested;

    /// <summary>Why <see cref="ContinueAsNewSuggested"/>; empty when it is not, or the server does not say.</summary>
    public static IReadOnlyCollection<SuggestContinueAsNewReason> SuggestedContinueAsNewReasons => Context.Machines.SuggestedContinueAsNewReasons;

    /// <summary>Whether the version of the worker deployment that the server wants this run on has changed since it began.</summary>
    public static bool TargetWorkerDeploymentVersionChanged => Context.Machines.TargetWorkerDeploymentVersionChanged;

    /// <summary>
    /// The build of the worker that ran the current task first: on replay the one of then. Empty when it is not known.
    /// </summary>
    public static string CurrentBuildId => CurrentDeploymentVersion?.BuildId ?? "";

    /// <inheritdoc cref="CurrentBuildId" />
    public static WorkerDeploymentVersion? CurrentDeploymentVersion => Context.Machines.DeploymentVersion;

    /// <summary>Markdown, some lines, that user interfaces show for the running workflow. Not part of history.</summary>
    /// <exception cref="InvalidOperationException">It is set in a query or an update's validator.</exception>
    public static string CurrentDetails
    {
        get => Context.CurrentDetails;
        set => Context.CurrentDetails = value;
    }

    /// <summary>Metrics that are recorded once, not again on replay; tagged with namespace, task queue and workflow type.</summary>
    public static MetricMeter MetricMeter => Context.MetricMeter;

    /// <summary>Events in history up to the current task.</summary>
    public static int CurrentHistoryLength => Context.Machines.HistoryLength;

    /// <summary>Bytes of history up to the current task.</summary>
    public static int CurrentHistorySize => checked((int)Context.Machines.HistorySize);

    public static WorkflowInfo Info => Context.Info;

    /// <summary>The workflow object whose code is running.</summary>
    public static object Instance => Context.WorkflowObject;

    public static bool InWorkflow => TaskScheduler.Current is WorkflowTaskScheduler;

    /// <summary>Silent while history is replayed, so that each message is logged once.</summary>
    public static ILogger Logger => Context.Logger;

    public static IReadOnlyDictionary<string, IRawValue> Memo => Context.Memo;

    public static IPayloadConverter PayloadConverter => Context.PayloadConverter;

    /// <summary>Random numbers that are the same on every replay.</summary>
    public static DeterministicRandom Random => Context.Random;

    public static SearchAttributeCollection TypedSearchAttributes => Context.TypedSearchAttributes;

    /// <summary>The workflow's clock: the start of its current task. It stands still while the code runs.</summary>
    public static DateTime UtcNow => Context.Machines.Now;

    internal static WorkflowInstance Context => (TaskScheduler.Current as WorkflowTaskScheduler)?.Instance
        ?? throw new InvalidOperationException("Not in workflow");

    /// <summary>A version 4 UUID from <see cref="Random"/>. Not for cryptography.</summary>
    public static Guid NewGuid()
    {
        var bytes = new byte[16];
        Random.NextBytes(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>
    /// Whether code added under <paramref name="patchId"/> runs in this run: true for a run that reached this call with
    /// the code in place, and on each of its replays; false for an older run.
    /// </summary>
    public static bool Patched(string patchId) => Context.Patch(patchId, deprecated: false);

    /// <summary>Says that every run without the patch has ended, so that its older branch could be deleted.</summary>
    public static void DeprecatePatch(string patchId) => Context.Patch(patchId, deprecated: true);

    /// <summary>Makes the exception that, thrown from the run method, ends this run and starts the workflow anew.</summary>
    public static ContinueAsNewException CreateContinueAsNewException(
        string workflow, IReadOnlyCollection<object?> args, ContinueAsNewOptions? options = null) =>
        Context.Outbound.CreateContinueAsNewException(new(workflow, args, options, null));

    /// <inheritdoc cref="CreateContinueAsNewException(string, IReadOnlyCollection{object?}, ContinueAsNewOptions?)" />
    public static ContinueAsNewException CreateContinueAsNewException<TWorkflow>(
        System.Linq.Expressions.Expression<Func<TWorkflow, Task>> workflowRunCall, ContinueAsNewOptions? options = null)
    {
        var (method, args) = ExpressionUtil.ExtractCall(workflowRunCall);
        return CreateContinueAsNewException(WorkflowDefinition.NameFromRunMethod(method), args, options);
    }

    /// <inheritdoc cref="CreateContinueAsNewException(string, IReadOnlyCollection{object?}, ContinueAsNewOptions?)" />
    public static ContinueAsNewException CreateContinueAsNewException<TWorkflow, TResult>(
        System.Linq.Expressions.Expression<Func<TWorkflow, Task<TResult>>> workflowRunCall, ContinueAsNewOptions? options = null)
    {
        var (method, args) = ExpressionUtil.ExtractCall(workflowRunCall);
        return CreateContinueAsNewException(WorkflowDefinition.NameFromRunMethod(method), args, options);
    }

    /// <summary>What only tools should ask.</summary>
    public static class Unsafe
    {
        /// <summary>True while history is replayed. Never decide anything by it.</summary>
        public static bool IsReplaying => Context.Machines.Replaying;

        /// <summary>As <see cref="IsReplaying"/>, but false in a query or an update's validator, which never are in history.</summary>
        public static bool IsReplayingHistoryEvents => Context.IsReplayingHistoryEvents;

        /// <summary>
        /// Calls what would otherwise be found to leave the workflow's scheduler. All of the workflow is unwatched
        /// meanwhile, so it must neither wait nor ask for anything.
        /// </summary>
        /// <exception cref="InvalidOperationException">It asked for something (an activity, a timer).</exception>
        public static T WithTracingEventListenerDisabled<T>(Func<T> fn) => Context.WithTracingEventListenerDisabled(fn);

        /// <inheritdoc cref="WithTracingEventListenerDisabled{T}(Func{T})" />
        public static void WithTracingEventListenerDisabled(Action fn) => WithTracingEventListenerDisabled(() =>
        {
            fn();
            return ValueTuple.Create();
        });
    }
}
