using Google.Protobuf.WellKnownTypes;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Sdk.V1;

namespace Temporalio.Worker.Replay;

// asked ──TimerStarted──▶ started ──TimerFired──▶ fired
//   │ cancel: the command is taken back    │ cancel: a CancelTimer command follows, TimerCanceled records it
//   ▼                                      ▼
// cancelled                             cancelled
sealed class TimerMachine(uint seq, TimeSpan delay, Payload? summary) : CommandMachine
{
    readonly TaskCompletionSource _done = new();
    readonly string _id = seq.ToString(System.Globalization.CultureInfo.InvariantCulture);
    long _startedEventId;
    // History says so; the code may not have been told yet.
    bool _fired;

    public Task Task => _done.Task;

    public override EventType RecordedAs => EventType.TimerStarted;

    public override string Describe() => $"timer {_id}";

    public override Command ToCommand() => new()
    {
        CommandType = CommandType.StartTimer,
        StartTimerCommandAttributes = new() { TimerId = _id, StartToFireTimeout = Duration.FromTimeSpan(delay) },
        UserMetadata = summary == null ? null : new UserMetadata { Summary = summary },
    };

    public override void OnRecorded(HistoryEvent e)
    {
        Check(e, "timer id", e.TimerStartedEventAttributes.TimerId, _id);
        _startedEventId = e.EventId;
    }

    public override void OnEvent(HistoryEvent e, ActivationJobs jobs)
    {
        if (e.EventType != EventType.TimerFired) throw Mismatch(e, $"{Describe()} cannot handle it");
        _fired = true;
        jobs.Add(JobOrder.Other, () => _done.TrySetResult());
    }

    /// <summary>Ends the timer; a no-op when it has fired.</summary>
    public void Cancel(CommandBuffer commands, CancellationToken cancellationToken)
    {
        if (!_done.TrySetCanceled(cancellationToken) || _fired) return;
        if (_startedEventId == 0 && commands.Remove(this)) return;
        commands.Add(new PlainCommandMachine(
            new() { CommandType = CommandType.CancelTimer, CancelTimerCommandAttributes = new() { TimerId = _id } },
            EventType.TimerCanceled,
            $"cancelling of {Describe()}"));
    }
}
