using Temporalio.Api.Command.V1;

namespace TemporalDevServer.Engine;

/// <summary>An activity's four timeouts, completed one from another as the server does. Pure.</summary>
readonly record struct ActivityTimeouts(long ScheduleToClose, long ScheduleToStart, long StartToClose, long Heartbeat)
{
    public static ActivityTimeouts Of(ScheduleActivityTaskCommandAttributes attributes, long runTimeout)
    {
        var scheduleToClose = Ticks.Shorter(Ticks.Of(attributes.ScheduleToCloseTimeout), runTimeout);
        var scheduleToStart = Ticks.Of(attributes.ScheduleToStartTimeout);
        var startToClose = Ticks.Of(attributes.StartToCloseTimeout);
        if (Ticks.Of(attributes.ScheduleToCloseTimeout) > 0)
        {
            scheduleToStart = Ticks.Shorter(scheduleToStart, scheduleToClose);
            startToClose = Ticks.Shorter(startToClose, scheduleToClose);
        }
        else
        {
            scheduleToClose = runTimeout;
            scheduleToStart = scheduleToStart == 0 ? runTimeout : Ticks.Shorter(scheduleToStart, runTimeout);
            startToClose = Ticks.Shorter(startToClose, runTimeout);
        }
        return new(
            scheduleToClose,
            scheduleToStart,
            startToClose,
            Ticks.Of(attributes.HeartbeatTimeout) == 0
                ? 0
                : Ticks.Shorter(Ticks.Of(attributes.HeartbeatTimeout), startToClose));
    }
}
