using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Worker.Interceptors;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

/// <summary>What a run's code needs from the worker.</summary>
sealed record WorkflowInstanceDetails(
    WorkflowDefinition Definition,
    WorkflowInfo Info,
    string SeedRunId,
    IReadOnlyList<Payload> Input,
    Memo? Memo,
    SearchAttributes? SearchAttributes,
    IPayloadConverter PayloadConverter,
    IFailureConverter FailureConverter,
    IReadOnlyCollection<Type> FailureExceptionTypes,
    Func<string, bool> IsLocalActivity,
    ILoggerFactory LoggerFactory,
    IReadOnlyList<IWorkerInterceptor> Interceptors,
    MetricMeter MetricMeter,
    WorkflowStackTrace StackTraces,
    bool Watched,
    WorkflowTaskListeners? TaskEvents,
    Func<PatchActivationInput, bool>? ActivatesPatch);
