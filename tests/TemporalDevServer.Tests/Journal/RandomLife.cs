using Temporalio.Api.Command.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Journal;

/// <summary>Calls drawn by seed: workflows begin, get on and end in every way that the draw finds.</summary>
sealed class RandomLife(int seed)
{
    readonly Random _random = new(seed);
    readonly List<PollWorkflowTaskQueueResponse> _tasks = [];
    readonly List<PollActivityTaskQueueResponse> _activities = [];
    int _names;

    public void Live(JournalRig rig, int steps)
    {
        for (var i = 0; i < steps; i++) Take(Act(rig));
    }

    IReadOnlyList<Reply> Act(JournalRig rig)
    {
        rig.Pass(TimeSpan.FromMilliseconds(_random.Next(2000)));
        var what = _random.Next(14);
        if (what > 1) return what <= 10 ? ActAsWorker(rig, what) : ActAsClient(rig, what);
        rig.Start(Id(), _random.Next(3) == 0 ? 5000 : 20);
        return [];
    }

    IReadOnlyList<Reply> ActAsWorker(JournalRig rig, int what)
    {
        switch (what)
        {
            case <= 4:
                return rig.Call(new PollWorkflowTaskQueueRequest
                {
                    Namespace = "default",
                    TaskQueue = new() { Name = "queue" },
                    Identity = "w",
                });
            case 5 or 6 when _tasks.Count > 0:
                var task = Pick(_tasks);
                return rig.Call(new RespondWorkflowTaskCompletedRequest
                {
                    Namespace = "default",
                    TaskToken = task.TaskToken,
                    Commands = { Commands() },
                });
            case 7 when _tasks.Count > 0:
                return rig.Call(new RespondWorkflowTaskFailedRequest
                {
                    Namespace = "default",
                    TaskToken = Pick(_tasks).TaskToken,
                });
            case 8:
                return rig.Call(new PollActivityTaskQueueRequest
                {
                    Namespace = "default",
                    TaskQueue = new() { Name = "queue" },
                    Identity = "w",
                });
            case 9 when _activities.Count > 0:
                return rig.Call(new RespondActivityTaskCompletedRequest
                {
                    Namespace = "default",
                    TaskToken = Pick(_activities).TaskToken,
                });
            case 10 when _activities.Count > 0:
                return rig.Call(new RespondActivityTaskFailedRequest
                {
                    Namespace = "default",
                    TaskToken = Pick(_activities).TaskToken,
                    Failure = new() { Message = "no", ApplicationFailureInfo = new() },
                });
            default: return Ask(rig);
        }
    }

    Command[] Commands() => _random.Next(4) switch
    {
        0 => [JournalRig.Commands.Complete()],
        1 => [JournalRig.Commands.Timer($"t{_names++}", _random.Next(1, 30))],
        2 => [JournalRig.Commands.Activity($"a{_names++}"), JournalRig.Commands.Activity($"a{_names++}")],
        _ => [],
    };

    IReadOnlyList<Reply> ActAsClient(JournalRig rig, int what)
    {
        switch (what)
        {
            case 11:
                return rig.Call(new SignalWorkflowExecutionRequest
                {
                    Namespace = "default",
                    WorkflowExecution = new() { WorkflowId = Id() },
                    SignalName = "s",
                });
            case 12 when _random.Next(3) == 0:
                return rig.Call(new TerminateWorkflowExecutionRequest
                {
                    Namespace = "default",
                    WorkflowExecution = new() { WorkflowId = Id() },
                });
            case 13 when _random.Next(3) == 0:
                return rig.Call(new RequestCancelWorkflowExecutionRequest
                {
                    Namespace = "default",
                    WorkflowExecution = new() { WorkflowId = Id() },
                });
            default: return Ask(rig);
        }
    }

    // A question is in no journal, and must leave nothing behind.
    static IReadOnlyList<Reply> Ask(JournalRig rig)
    {
        rig.Call(new ListWorkflowExecutionsRequest { Namespace = "default" });
        return rig.Step(new TickInput());
    }

    void Take(IReadOnlyList<Reply> replies)
    {
        foreach (var reply in replies)
        {
            if (reply.Message is PollWorkflowTaskQueueResponse { TaskToken.Length: > 0 } task) _tasks.Add(task);
            if (reply.Message is PollActivityTaskQueueResponse { TaskToken.Length: > 0 } activity)
                _activities.Add(activity);
        }
    }

    string Id() => $"workflow-{_random.Next(12)}";

    T Pick<T>(List<T> from)
    {
        var at = _random.Next(from.Count);
        var picked = from[at];
        // Now and then a worker answers twice.
        if (_random.Next(10) > 0) from.RemoveAt(at);
        return picked;
    }
}
