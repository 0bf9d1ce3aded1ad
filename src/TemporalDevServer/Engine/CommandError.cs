using Cause = Temporalio.Api.Enums.V1.WorkflowTaskFailedCause;

namespace TemporalDevServer.Engine;

/// <summary>Why a workflow task's answer cannot be taken.</summary>
readonly record struct CommandError(Cause Cause, string Message);
