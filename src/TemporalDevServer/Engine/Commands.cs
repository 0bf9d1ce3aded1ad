using Temporalio.Api.Command.V1;
using Case = Temporalio.Api.Command.V1.Command.AttributesOneofCase;

namespace TemporalDevServer.Engine;

/// <summary>Does what a workflow task asks for, command by command. They have been checked: see <see cref="CommandCheck"/>.</summary>
sealed class Commands(World world)
{
    public void Do(Run run, Command command, CommandEffects effects)
    {
        switch (command.AttributesCase)
        {
            case Case.ScheduleActivityTaskCommandAttributes: world.Activities.Schedule(run, command, effects); break;
            case Case.RequestCancelActivityTaskCommandAttributes: world.Activities.RequestCancel(run, command, effects); break;
            case Case.StartTimerCommandAttributes: world.Timers.Start(run, command, effects); break;
            case Case.CancelTimerCommandAttributes: world.Timers.Cancel(run, command.CancelTimerCommandAttributes.TimerId, effects); break;
            case Case.RecordMarkerCommandAttributes: Marker(run, command, effects); break;
            case Case.StartChildWorkflowExecutionCommandAttributes: world.Children.Initiate(run, command, effects); break;
            case Case.SignalExternalWorkflowExecutionCommandAttributes: world.Externals.Signal(run, command, effects); break;
            case Case.RequestCancelExternalWorkflowExecutionCommandAttributes: world.Externals.Cancel(run, command, effects); break;
            case Case.UpsertWorkflowSearchAttributesCommandAttributes: UpsertSearchAttributes(run, command, effects); break;
            case Case.ModifyWorkflowPropertiesCommandAttributes: UpsertMemo(run, command, effects); break;
            case Case.ProtocolMessageCommandAttributes: world.Updates.Take(run, command.ProtocolMessageCommandAttributes.MessageId, effects); break;
            case Case.CompleteWorkflowExecutionCommandAttributes: world.Closing.Complete(run, command, effects); break;
            case Case.FailWorkflowExecutionCommandAttributes: world.Closing.Fail(run, command, effects); break;
            case Case.CancelWorkflowExecutionCommandAttributes: world.Closing.Cancel(run, command, effects); break;
            case Case.ContinueAsNewWorkflowExecutionCommandAttributes: world.Closing.ContinueAsNew(run, command, effects); break;
        }
    }

    void Marker(Run run, Command command, CommandEffects effects)
    {
        var asked = command.RecordMarkerCommandAttributes;
        world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.MarkerRecorded,
            UserMetadata = command.UserMetadata,
            MarkerRecordedEventAttributes = new()
            {
                MarkerName = asked.MarkerName,
                Details = { asked.Details },
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                Header = asked.Header,
                Failure = asked.Failure,
            },
        });
    }

    void UpsertSearchAttributes(Run run, Command command, CommandEffects effects)
    {
        var upserted = SearchAttributes.WithTypes(run.Namespace, command.UpsertWorkflowSearchAttributesCommandAttributes.SearchAttributes);
        world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.UpsertWorkflowSearchAttributes,
            UserMetadata = command.UserMetadata,
            UpsertWorkflowSearchAttributesEventAttributes = new() { WorkflowTaskCompletedEventId = effects.CompletedEventId, SearchAttributes = upserted },
        });
        run.State.SearchAttributes = SearchAttributes.Merge(run.State.SearchAttributes, upserted);
    }

    void UpsertMemo(Run run, Command command, CommandEffects effects)
    {
        var upserted = command.ModifyWorkflowPropertiesCommandAttributes.UpsertedMemo;
        world.History.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowPropertiesModified,
            UserMetadata = command.UserMetadata,
            WorkflowPropertiesModifiedEventAttributes = new() { WorkflowTaskCompletedEventId = effects.CompletedEventId, UpsertedMemo = upserted },
        });
        var memo = run.State.Memo?.Clone() ?? new Memo();
        foreach (var (key, value) in upserted?.Fields ?? [])
            if (SearchAttributes.IsEmpty(value)) memo.Fields.Remove(key);
            else memo.Fields[key] = value;
        run.State.Memo = memo;
    }
}
