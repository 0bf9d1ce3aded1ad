using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

/// <summary>What a run's code needs from the worker.</summary>
sealed record WorkflowInstanceDetails(
    WorkflowDefinition Definition,
    WorkflowInfo Info,
    IReadOnlyList<Payload> Input,
    Memo? Memo,
    SearchAttributes? SearchAttributes,
    IPayloadConverter PayloadConverter,
    IFailureConverter FailureConverter,
    IReadOnlyCollection<Type> FailureExceptionTypes,
    Func<string, bool> IsLocalActivity,
    ILoggerFactory LoggerFactory)
{
    /// <summary>For the run's own metrics; the instance silences it while it replays.</summary>
    public Common.MetricMeter MetricMeter { get; init; } = Common.MetricMeterNoop.Instance;

    /// <summary>Before and after each activation, replayed ones too.</summary>
    public IWorkflowTaskEvents? TaskEvents { get; init; }
}

/// <summary>Hears of activations. What it throws fails the workflow task.</summary>
interface IWorkflowTaskEvents
{
    void OnTaskStarting(WorkflowInstance instance);

    void OnTaskCompleted(WorkflowInstance instance, Exception? failure);
}
