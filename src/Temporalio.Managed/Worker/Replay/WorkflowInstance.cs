using Microsoft.Extensions.Logging;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Workflows;
using VersioningBehavior = Temporalio.Common.VersioningBehavior;

namespace Temporalio.Worker.Replay;

/// <summary>
/// One run's code and its state: the workflow object, its scheduler, and what the ambient <see cref="Workflow"/> answers.
/// All of it runs on the thread that activates the run, one activation at a time.
/// </summary>
sealed partial class WorkflowInstance : IDisposable
{
    const string TrespassMessage =
        "Workflow code awaited something that is not the workflow's own (Task.Delay, Task.Run, CancelAsync, I/O, ConfigureAwait(false)); use the members of Workflow instead.";

    readonly WorkflowInstanceDetails _details;
    readonly WorkflowTaskScheduler _scheduler;
    readonly CancellationTokenSource _cancellation = new();
    List<Type> _failureExceptionTypes;
    DeterministicRandom _random;
    bool _readOnly;
    bool _failed;
    object? _workflowObject;
    object?[]? _arguments;
    bool _started;
    Exception? _taskFailure;

    public WorkflowInstance(WorkflowInstanceDetails details, WorkflowMachines machines)
    {
        _details = details;
        Machines = machines;
        _scheduler = new WorkflowTaskScheduler(this) { Watched = details.Watched };
        _failureExceptionTypes = [.. details.FailureExceptionTypes, .. details.Definition.FailureExceptionTypes ?? []];
        Logger = new ReplaySafeLogger(details.LoggerFactory.CreateLogger($"Temporalio.Workflow:{details.Info.WorkflowType}"), machines);
        _random = new DeterministicRandom(SeedOf(details.SeedRunId));
        Memo = details.Memo?.Fields.ToDictionary(f => f.Key, f => (IRawValue)new RawValue(f.Value)) ?? [];
        MetricMeter = new ReplaySafeMetricMeter(details.MetricMeter, () => !IsReplayingHistoryEvents);
        _dynamicSignal = details.Definition.DynamicSignal;
        _dynamicQuery = details.Definition.DynamicQuery;
        _dynamicUpdate = details.Definition.DynamicUpdate;
        VersioningBehavior = details.Definition.VersioningBehavior ?? VersioningBehavior.Unspecified;
        TypedSearchAttributes = details.SearchAttributes == null ? SearchAttributeCollection.Empty : SearchAttributeCollection.FromProto(details.SearchAttributes);
    }

    public WorkflowMachines Machines { get; }

    public WorkflowInfo Info => _details.Info;

    public WorkflowDefinition Definition => _details.Definition;

    public ILogger Logger { get; }

    /// <exception cref="InvalidOperationException">It is being decided on a patch.</exception>
    public DeterministicRandom Random => _deciding ? throw new InvalidOperationException("Cannot use workflow randomness in this context") : _random;

    public IReadOnlyDictionary<string, IRawValue> Memo { get; private set; }

    public SearchAttributeCollection TypedSearchAttributes { get; private set; }

    public IPayloadConverter PayloadConverter => _details.PayloadConverter;

    public CancellationToken CancellationToken => _cancellation.Token;

    public MetricMeter MetricMeter { get; }

    /// <summary>What the workflow says of itself; unspecified: as the worker's default.</summary>
    public VersioningBehavior VersioningBehavior { get; private set; }

    public bool IsReplayingHistoryEvents => Machines.Replaying && !_readOnly;

    /// <summary>Made at first use, which is in the workflow's context.</summary>
    public object WorkflowObject
    {
        get
        {
            if (_workflowObject != null) return _workflowObject;
            _workflowObject = _details.Definition.CreateWorkflowInstance(Arguments);
            if (_details.Definition.DynamicOptionsGetter?.Invoke(_workflowObject) is { } options)
            {
                if (options.FailureExceptionTypes is { } types) _failureExceptionTypes = [.. _details.FailureExceptionTypes, .. types];
                if (options.VersioningBehavior != VersioningBehavior.Unspecified) VersioningBehavior = options.VersioningBehavior;
            }
            return _workflowObject;
        }
    }

    /// <summary>True once the run method has ended, in whatever way: its command is the last.</summary>
    public bool Ended { get; private set; }

    /// <summary>Applies jobs and runs the code until it waits for something. Throws what fails the workflow task.</summary>
    public void Activate(IReadOnlyList<Action> jobs)
    {
        if (_details.TaskEvents is not { } events)
        {
            RunJobs(jobs);
            return;
        }
        events.OnTaskStarting(this);
        try
        {
            RunJobs(jobs);
        }
        catch (Exception e)
        {
            events.OnTaskCompleted(this, e);
            throw;
        }
        events.OnTaskCompleted(this, null);
    }

    void RunJobs(IReadOnlyList<Action> jobs) => OnScheduler(() =>
    {
        foreach (var job in jobs) job();
        if (!_started) Start();
        RunUntilIdle();
        if (Ended && !_failed) WarnOfRunningHandlers();
    });

    void OnScheduler(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        _scheduler.Enter();
        try
        {
            action();
        }
        finally
        {
            _scheduler.Leave();
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public void RequestCancel() => _cancellation.Cancel();

    /// <summary>The run was reset here, and is another one from now on: its next random numbers are its own.</summary>
    public void Reset(string newRunId) => _random = new DeterministicRandom(SeedOf(newRunId));

    /// <exception cref="InvalidWorkflowSchedulerException">Something outside the workflow tried to continue it.</exception>
    public void ThrowIfTrespassed()
    {
        if (_scheduler.Trespassed) throw new InvalidWorkflowSchedulerException(TrespassMessage);
    }

    public void OnTrespass() => Logger.LogError("{WorkflowType} {WorkflowId}: {Message}", Info.WorkflowType, Info.WorkflowId, TrespassMessage);

    /// <summary>Calls what must not ask for anything, without looking for tasks that leave the scheduler.</summary>
    public T WithTracingEventListenerDisabled<T>(Func<T> function)
    {
        var (watched, asked) = (_scheduler.Watched, Machines.Asked);
        _scheduler.Watched = false;
        try
        {
            var result = function();
            return Machines.Asked == asked
                ? result
                : throw new InvalidOperationException("Function during tracing event listener disabling created workflow commands");
        }
        finally
        {
            _scheduler.Watched = watched;
        }
    }

    /// <exception cref="InvalidOperationException">A query or an update's validator is running.</exception>
    void AssertMayChange(string operation)
    {
        if (_readOnly) throw new InvalidOperationException($"Cannot {operation} in this context");
    }

    T ReadOnly<T>(Func<T> function)
    {
        _readOnly = true;
        try
        {
            return function();
        }
        finally
        {
            _readOnly = false;
        }
    }

    public void Dispose() => _cancellation.Dispose();

    void Start()
    {
        _started = true;
        Queue(() => RunToEndAsync(ExecuteAsync));
    }

    // Waits for conditions alternate with running, until neither moves.
    void RunUntilIdle()
    {
        do
        {
            _scheduler.RunQueued();
            if (_taskFailure != null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(_taskFailure);
            ThrowIfTrespassed();
        }
        while (CheckConditions());
    }

    async Task RunToEndAsync(Func<Task> run)
    {
        try
        {
            try
            {
                await run();
            }
            catch (ContinueAsNewException e)
            {
                End(ContinueAsNew(e), EventType.WorkflowExecutionContinuedAsNew, "continue as new");
            }
            catch (Exception e) when (_cancellation.IsCancellationRequested && TemporalException.IsCanceledException(e))
            {
                End(
                    new() { CommandType = CommandType.CancelWorkflowExecution, CancelWorkflowExecutionCommandAttributes = new() },
                    EventType.WorkflowExecutionCanceled, "the workflow's cancellation");
            }
            catch (Exception e) when (IsWorkflowFailure(e))
            {
                var failure = _details.FailureConverter.ToFailure(e, PayloadConverter);
                _failed = !Ended;
                End(
                    new() { CommandType = CommandType.FailWorkflowExecution, FailWorkflowExecutionCommandAttributes = new() { Failure = failure } },
                    EventType.WorkflowExecutionFailed, "the workflow's failure");
            }
        }
        catch (Exception e)
        {
            // Any other exception is a mistake in the code: the task fails and is retried until the code is mended.
            _taskFailure = e;
        }
    }

    void End(Command command, EventType recordedAs, string description)
    {
        Ended = true;
        Machines.Commands.Add(new PlainCommandMachine(command, recordedAs, description));
    }

    bool IsWorkflowFailure(Exception e) =>
        e is FailureException or OperationCanceledException || FailsBy(e);

    public bool FailsBy(Exception e) => _failureExceptionTypes.Exists(t => t.IsInstanceOfType(e));

    async Task ExecuteAsync()
    {
        var run = _details.Definition.RunMethod;
        var result = await Inbound.ExecuteWorkflowAsync(new(WorkflowObject, run, Arguments));
        var attributes = new CompleteWorkflowExecutionCommandAttributes();
        if (result != null || run.ReturnType.IsGenericType) attributes.Result = new() { Payloads_ = { PayloadConverter.ToPayload(result) } };
        End(
            new() { CommandType = CommandType.CompleteWorkflowExecution, CompleteWorkflowExecutionCommandAttributes = attributes },
            EventType.WorkflowExecutionCompleted, "the workflow's completion");
    }

    Command ContinueAsNew(ContinueAsNewException e)
    {
        var options = e.Input.Options;
        var attributes = new ContinueAsNewWorkflowExecutionCommandAttributes
        {
            WorkflowType = new() { Name = e.Input.Workflow },
            TaskQueue = new() { Name = options?.TaskQueue ?? Info.TaskQueue },
            Input = new() { Payloads_ = { PayloadConverter.ToPayloads(e.Input.Args) } },
            Header = HeaderOf(e.Input.Headers),
            BackoffStartInterval = ProtoTime.ToDuration(options?.BackoffStartInterval),
            InitialVersioningBehavior = (ContinueAsNewVersioningBehavior)(options?.InitialVersioningBehavior ?? 0),
            WorkflowRunTimeout = ProtoTime.ToDuration(options?.RunTimeout ?? Info.RunTimeout),
            WorkflowTaskTimeout = ProtoTime.ToDuration(options?.TaskTimeout ?? Info.TaskTimeout),
            RetryPolicy = (options?.RetryPolicy ?? Info.RetryPolicy)?.ToProto(),
            Memo = new()
            {
                Fields =
                {
                    options?.Memo == null
                        ? Memo.ToDictionary(m => m.Key, m => m.Value.Payload)
                        : options.Memo.ToDictionary(m => m.Key, m => PayloadConverter.ToPayload(m.Value)),
                },
            },
            SearchAttributes = (options?.TypedSearchAttributes ?? TypedSearchAttributes).ToProto(),
        };
        return new() { CommandType = CommandType.ContinueAsNewWorkflowExecution, ContinueAsNewWorkflowExecutionCommandAttributes = attributes };
    }

    object?[] Arguments => _arguments ??= ReadArguments(
        _details.Definition.RunMethod, _details.Input, $"Workflow {Info.WorkflowType}", _details.Definition.Dynamic ? [] : null);

    void Queue(Func<Task> function) => Task.Factory.StartNew(function, CancellationToken.None, TaskCreationOptions.None, _scheduler);

    // FNV-1a: any fixed hash does, as the numbers only have to be this run's own.
    static ulong SeedOf(string runId)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in runId) hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }
}
