using Temporalio.Api.Command.V1;
using Case = Temporalio.Api.Command.V1.Command.AttributesOneofCase;

namespace TemporalDevServer.Engine;

/// <summary>
/// Does what a workflow task asks for, command by command. They have been checked: see <see cref="CommandValidator"/>.
/// </summary>
sealed class CommandHandler(
    HistoryBuilder history, ActivityTasks activities, UserTimers timers, ChildWorkflows children,
    ExternalWorkflows externals, WorkflowUpdates updates, RunOutcomes outcomes)
{
    public void Handle(Run run, Command command, CommandEffects effects)
    {
        switch (command.AttributesCase)
        {
            case Case.ScheduleActivityTaskCommandAttributes: activities.Schedule(run, command, effects); break;
            case Case.RequestCancelActivityTaskCommandAttributes:
                activities.RequestCancel(run, command, effects);
                break;
            case Case.StartTimerCommandAttributes: timers.Start(run, command, effects); break;
            case Case.CancelTimerCommandAttributes:
                timers.Cancel(run, command.CancelTimerCommandAttributes.TimerId, effects);
                break;
            case Case.RecordMarkerCommandAttributes: Marker(run, command, effects); break;
            case Case.StartChildWorkflowExecutionCommandAttributes: children.Initiate(run, command, effects); break;
            case Case.SignalExternalWorkflowExecutionCommandAttributes: externals.Signal(run, command, effects); break;
            case Case.RequestCancelExternalWorkflowExecutionCommandAttributes:
                externals.Cancel(run, command, effects);
                break;
            case Case.UpsertWorkflowSearchAttributesCommandAttributes:
                UpsertSearchAttributes(run, command, effects);
                break;
            case Case.ModifyWorkflowPropertiesCommandAttributes: UpsertMemo(run, command, effects); break;
            case Case.ProtocolMessageCommandAttributes:
                updates.Apply(run, command.ProtocolMessageCommandAttributes.MessageId);
                break;
            case Case.CompleteWorkflowExecutionCommandAttributes: outcomes.Complete(run, command, effects); break;
            case Case.FailWorkflowExecutionCommandAttributes: outcomes.Fail(run, command, effects); break;
            case Case.CancelWorkflowExecutionCommandAttributes: outcomes.Cancel(run, command, effects); break;
            case Case.ContinueAsNewWorkflowExecutionCommandAttributes:
                outcomes.ContinueAsNew(run, command, effects);
                break;
        }
    }

    void Marker(Run run, Command command, CommandEffects effects)
    {
        var attributes = command.RecordMarkerCommandAttributes;
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.MarkerRecorded,
            UserMetadata = command.UserMetadata,
            MarkerRecordedEventAttributes = new()
            {
                MarkerName = attributes.MarkerName,
                Details = { attributes.Details },
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                Header = attributes.Header,
                Failure = attributes.Failure,
            },
        });
    }

    void UpsertSearchAttributes(Run run, Command command, CommandEffects effects)
    {
        var upserted = SearchAttributeRules.WithTypes(
            run.Namespace, command.UpsertWorkflowSearchAttributesCommandAttributes.SearchAttributes);
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.UpsertWorkflowSearchAttributes,
            UserMetadata = command.UserMetadata,
            UpsertWorkflowSearchAttributesEventAttributes = new()
            {
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                SearchAttributes = upserted,
            },
        });
        run.State.SearchAttributes = SearchAttributeRules.Merge(run.State.SearchAttributes, upserted);
    }

    void UpsertMemo(Run run, Command command, CommandEffects effects)
    {
        var upserted = command.ModifyWorkflowPropertiesCommandAttributes.UpsertedMemo;
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowPropertiesModified,
            UserMetadata = command.UserMetadata,
            WorkflowPropertiesModifiedEventAttributes = new()
            {
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                UpsertedMemo = upserted,
            },
        });
        run.State.Memo = Merge(run.State.Memo, upserted);
    }

    public static Memo Merge(Memo? old, Memo? upserted)
    {
        var memo = old?.Clone() ?? new Memo();
        foreach (var (key, value) in upserted?.Fields ?? [])
            if (SearchValue.IsEmpty(value)) memo.Fields.Remove(key);
            else memo.Fields[key] = value;
        return memo;
    }
}
