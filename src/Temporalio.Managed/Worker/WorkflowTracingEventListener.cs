using System.Diagnostics.Tracing;
using Temporalio.Worker.Replay;

namespace Temporalio.Worker;

/// <summary>
/// Hears, through the runtime's own events, of every task that is handed to a scheduler, and tells the workflow whose code
/// does so on another scheduler than its own (<c>Task.Run</c>, <c>CancelAsync</c>, …) while it does it.
/// </summary>
sealed class WorkflowTracingEventListener : EventListener
{
    const string SourceName = "System.Threading.Tasks.TplEventSource";
    const EventKeywords Tasks = (EventKeywords)0x2;
    const int TaskScheduled = 7;

    static readonly Lazy<WorkflowTracingEventListener> Shared = new(() => new());

    WorkflowTracingEventListener()
    {
    }

    /// <summary>Begins to listen, for the rest of the process.</summary>
    public static void EnsureListening() => _ = Shared.Value;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == SourceName) EnableEvents(eventSource, EventLevel.Informational, Tasks);
    }

    // Called on the thread that schedules; the event's first value is the id of the scheduler that gets the task.
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId == TaskScheduled
            && WorkflowTaskScheduler.Activating is { Watched: true } scheduler
            && eventData.Payload is [int target, ..]
            && target != scheduler.Id)
            scheduler.Trespass();
    }
}
