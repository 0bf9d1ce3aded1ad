using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

/// <summary>What a workflow asked of a local activity.</summary>
sealed record LocalActivityRequest(
    uint Seq,
    string ActivityId,
    string ActivityType,
    IReadOnlyList<Payload> Input,
    IReadOnlyDictionary<string, Payload>? Headers,
    LocalActivityOptions Options,
    Payload? Summary,
    uint Attempt,
    DateTime? OriginalScheduleTime);

// asked ──(live) the worker runs it────────────▶ resolved ──MarkerRecorded──▶ recorded
//   └────(replay) its marker is the next one───▶ resolved ──MarkerRecorded──▶ recorded
// On cancel a live one resolves at once, unless it waits for the activity to end; a replayed one as its marker says.
sealed class LocalActivityMachine(LocalActivityRequest request) : CommandMachine
{
    readonly TaskCompletionSource<ActivityResolution> _done = new();
    readonly CancellationTokenSource _cancellation = new();
    LocalActivityMarker? _marker;

    public LocalActivityRequest Request => request;

    public Task<ActivityResolution> Task => _done.Task;

    public bool IsResolved => _marker != null;

    /// <summary>Whether this worker runs it, or has run it.</summary>
    public bool IsStarted { get; private set; }

    public override EventType RecordedAs => EventType.MarkerRecorded;

    public override string Describe() => $"local activity {request.ActivityId} ({request.ActivityType})";

    public override Command ToCommand() => new()
    {
        CommandType = CommandType.RecordMarker,
        RecordMarkerCommandAttributes = _marker!.ToAttributes(),
        UserMetadata = request.Summary == null ? null : new UserMetadata { Summary = request.Summary },
    };

    public override void OnRecorded(HistoryEvent e)
    {
        if (!LocalActivityMarker.Is(e)) throw Mismatch(e, $"the workflow asked for {Describe()} here");
        var marker = LocalActivityMarker.Read(e);
        if (marker.Seq != request.Seq)
            throw Mismatch(e, $"it is of local activity number {marker.Seq}, but the workflow asked for number {request.Seq} here");
        Check(e, "activity id", marker.ActivityId, request.ActivityId);
        Check(e, "activity type", marker.ActivityType, request.ActivityType);
    }

    /// <summary>This worker runs it from now on; the token is cancelled when the workflow wants it to stop.</summary>
    public CancellationToken Start()
    {
        IsStarted = true;
        return _cancellation.Token;
    }

    /// <summary>Stops it, from outside of the workflow. What the activity hung onto the token runs on threads of its own.</summary>
    public void RequestCancel() => _ = _cancellation.CancelAsync();

    /// <summary>The outcome is known: its marker joins the commands and the workflow goes on.</summary>
    public void Resolve(LocalActivityMarker marker, CommandBuffer commands)
    {
        if (_marker != null) return;
        _marker = marker;
        commands.Add(this);
        _done.TrySetResult(ToResolution(marker));
    }

    public void ResolveCancelled(CommandBuffer commands) => Resolve(
        new LocalActivityMarker
        {
            Seq = request.Seq,
            Attempt = request.Attempt,
            ActivityId = request.ActivityId,
            ActivityType = request.ActivityType,
            OriginalScheduleTime = LocalActivityMarker.Instant.From(request.OriginalScheduleTime),
            Failure = new Failure { Message = "Activity cancelled", CanceledFailureInfo = new() },
        },
        commands);

    public bool WaitsWhenCancelled => request.Options.CancellationType == ActivityCancellationType.WaitCancellationCompleted;

    ActivityResolution ToResolution(LocalActivityMarker marker)
    {
        if (marker.Backoff is { } backoff)
            return new(null, marker.Failure, new(backoff.ToTimeSpan(), marker.Attempt + 1, marker.OriginalScheduleTime?.ToUtc()));
        if (marker.Failure is not { } failure) return new(marker.Result, null);
        return new(null, failure.FailureInfoCase switch
        {
            Failure.FailureInfoOneofCase.CanceledFailureInfo => Wrap("Local Activity cancelled", failure, RetryState.CancelRequested),
            Failure.FailureInfoOneofCase.TimeoutFailureInfo => Wrap("Local Activity timed out", failure, RetryState.Timeout),
            _ => failure,
        });
    }

    Failure Wrap(string message, Failure cause, RetryState retryState) =>
        ActivityFailures.Wrap(message, cause, request.ActivityId, request.ActivityType, retryState);
}
