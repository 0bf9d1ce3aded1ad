using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>What a replayer replays with.</summary>
public class WorkflowReplayerOptions : ICloneable
{
    List<WorkflowDefinition> _workflows = [];

    public WorkflowReplayerOptions()
    {
    }

    public WorkflowReplayerOptions(params Type[] workflows)
    {
        foreach (var workflow in workflows) AddWorkflow(workflow);
    }

    public IList<WorkflowDefinition> Workflows => _workflows;

    public string Namespace { get; set; } = "ReplayNamespace";

    public string TaskQueue { get; set; } = "ReplayTaskQueue";

    public Converters.DataConverter DataConverter { get; set; } = Converters.DataConverter.Default;

    public bool DebugMode { get; set; }

    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    public IReadOnlyCollection<Type>? WorkflowFailureExceptionTypes { get; set; }

    public WorkflowReplayerOptions AddWorkflow<T>() => AddWorkflow(typeof(T));

    public WorkflowReplayerOptions AddWorkflow(Type type) => AddWorkflow(WorkflowDefinition.Create(type));

    public WorkflowReplayerOptions AddWorkflow(WorkflowDefinition definition)
    {
        _workflows.Add(definition);
        return this;
    }

    public virtual object Clone()
    {
        var copy = (WorkflowReplayerOptions)MemberwiseClone();
        copy._workflows = [.. _workflows];
        return copy;
    }
}
