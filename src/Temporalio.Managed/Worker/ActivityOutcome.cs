using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;

namespace Temporalio.Worker;

/// <summary>How one attempt of an activity ended. Payloads have not been through the codec.</summary>
abstract record ActivityOutcome
{
    ActivityOutcome() { }

    public sealed record Completed(Payload Result) : ActivityOutcome;

    public sealed record Failed(Failure Failure) : ActivityOutcome;

    public sealed record Canceled(Failure Failure) : ActivityOutcome;

    /// <summary>Somebody else will complete it.</summary>
    public sealed record WillCompleteAsync : ActivityOutcome;
}
