using Temporalio.Api.Command.V1;

namespace TemporalDevServer.Engine;

/// <summary>An activity's four timeouts, completed one from another as the server does. Pure.</summary>
readonly record struct ActivityTimeouts(long ScheduleToClose, long ScheduleToStart, long StartToClose, long Heartbeat)
{
    public static ActivityTimeouts Of(ScheduleActivityTaskCommandAttributes asked, long runTimeout)
    {
        var scheduleToClose = Ticks.Shorter(Ticks.Of(asked.ScheduleToCloseTimeout), runTimeout);
        var scheduleToStart = Ticks.Of(asked.ScheduleToStartTimeout);
        var startToClose = Ticks.Of(asked.StartToCloseTimeout);
        if (Ticks.Of(asked.ScheduleToCloseTimeout) > 0)
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
            Ticks.Of(asked.HeartbeatTimeout) == 0 ? 0 : Ticks.Shorter(Ticks.Of(asked.HeartbeatTimeout), startToClose));
    }
}
