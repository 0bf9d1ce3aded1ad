namespace TemporalDevServer.Engine;

/// <summary>
/// Task queues: tasks wait for polls or polls for tasks, never both. A task may become void while it waits (its stamp
/// no longer matches) and is then skipped. Of tasks that wait the most urgent goes first, and of those the oldest.
/// </summary>
sealed class TaskQueues(EngineState state, EngineStep step, TaskStarter starter)
{
    /// <summary>A sticky queue whose worker has not polled for so long is taken to have lost it.</summary>
    public const long StickyWorkerGoneAfter = 10 * Ticks.PerSecond;

    const long SeenFor = 5 * 60 * Ticks.PerSecond;
    const long HousekeepingEvery = 60 * Ticks.PerSecond;

    readonly Dictionary<(string Namespace, string Name, bool Activities), TaskQueueState> _queues =
        state.TaskQueues.ToDictionary(queue => (queue.NamespaceId, queue.Name, queue.Activities));

    // Where the poll of a call waits. Part of the state, as the queue itself holds it.
    readonly Dictionary<long, TaskQueueState> _polls = state.TaskQueues
        .SelectMany(queue => queue.Pollers.Select(poller => (poller.CallId, queue))).ToDictionary();

    public TaskQueueState? Find(Namespace ns, string name, bool activities) =>
        _queues.GetValueOrDefault((ns.Id, name, activities));

    /// <summary>Gives the task to a poll that waits, or keeps it.</summary>
    public void Add(Namespace ns, string name, bool activities, bool sticky, TaskState task, Priority? priority)
    {
        var queue = Queue(ns, name, activities, sticky);
        task.Priority = priority?.PriorityKey ?? 0;
        task.Time = step.Now;
        while (queue.Pollers.Count > 0)
        {
            var poller = queue.Pollers[0];
            queue.Pollers.RemoveAt(0);
            _polls.Remove(poller.CallId);
            queue.LastPollTime = step.Now;
            if (starter.TryStart(queue, task, poller)) return;
            // The task is void: the poll keeps its place.
            queue.Pollers.Insert(0, poller);
            _polls.Add(poller.CallId, queue);
            return;
        }
        // After those of its priority: the list is in the order in which tasks are handed out.
        var place = queue.Tasks.Count;
        while (place > 0 && Priorities.Of(queue.Tasks[place - 1]) > Priorities.Of(task)) place--;
        queue.Tasks.Insert(place, task);
    }

    /// <summary>Answers the poll with a task that waits, or keeps it.</summary>
    public void Poll(Namespace ns, string name, bool activities, bool sticky, PollerState poller)
    {
        if (_queues.Count >= Limits.TaskQueuesMax && Find(ns, name, activities) is null)
            throw ServiceError.TooMuch(
                $"The server has {_queues.Count} task queues with workers or tasks, and {Limits.TaskQueuesMax} are "
                + "allowed.",
                ResourceExhaustedCause.PersistenceStorageLimit);
        var queue = Queue(ns, name, activities, sticky);
        queue.LastPollTime = step.Now;
        See(queue, poller.Identity);
        var passed = 0;
        while (passed < queue.Tasks.Count && !starter.TryStart(queue, queue.Tasks[passed], poller)) passed++;
        var handedOut = passed < queue.Tasks.Count;
        RemoveFirst(queue, handedOut ? passed + 1 : passed);
        if (handedOut) return;
        queue.Pollers.Add(poller);
        _polls.Add(poller.CallId, queue);
    }

    /// <summary>Takes a waiting poll out; null when it does not wait here.</summary>
    public (TaskQueueState Queue, PollerState Poller)? TakePoll(long callId)
    {
        if (!_polls.Remove(callId, out var queue)) return null;
        var poller = queue.Pollers.First(each => each.CallId == callId);
        queue.Pollers.Remove(poller);
        queue.LastPollTime = step.Now;
        See(queue, poller.Identity);
        return (queue, poller);
    }

    /// <summary>Whether the sticky queue's worker is likely to take a task.</summary>
    public bool HasWorker(Namespace ns, string name) =>
        Find(ns, name, activities: false) is { } queue
            && (queue.Pollers.Count > 0 || step.Now - queue.LastPollTime < StickyWorkerGoneAfter);

    /// <summary>The worker shuts down: its sticky queue counts as abandoned, and its polls end.</summary>
    public IReadOnlyList<long> ShutdownWorker(Namespace ns, string stickyQueue)
    {
        if (Find(ns, stickyQueue, activities: false) is not { Sticky: true } queue) return [];
        var calls = queue.Pollers.Select(poller => poller.CallId).ToArray();
        foreach (var call in calls) _polls.Remove(call);
        queue.Pollers.Clear();
        queue.LastPollTime = 0;
        return calls;
    }

    /// <summary>After a restart no earlier poll waits.</summary>
    public void ClearPolls()
    {
        _polls.Clear();
        foreach (var queue in _queues.Values) queue.Pollers.Clear();
    }

    /// <summary>Removes pollers not seen for minutes, and unused queues.</summary>
    public void RemoveUnused()
    {
        if (step.Now < state.NextHousekeeping) return;
        state.NextHousekeeping = step.Now + HousekeepingEvery;
        var used = new List<TaskQueueState>(state.TaskQueues.Count);
        foreach (var queue in state.TaskQueues)
        {
            foreach (var (identity, time) in queue.Seen.ToArray())
                if (step.Now - time > SeenFor && queue.Pollers.All(poller => poller.Identity != identity))
                    queue.Seen.Remove(identity);
            if (queue.Tasks.Count > 0 || queue.Pollers.Count > 0 || queue.Seen.Count > 0) used.Add(queue);
            else _queues.Remove((queue.NamespaceId, queue.Name, queue.Activities));
        }
        if (used.Count == state.TaskQueues.Count) return;
        // All at once: to remove one compares it with all before it.
        state.TaskQueues.Clear();
        state.TaskQueues.AddRange(used);
    }

    void See(TaskQueueState queue, string identity)
    {
        if (queue.Seen.Count < Limits.PollersSeenMax || queue.Seen.ContainsKey(identity))
            queue.Seen[identity] = step.Now;
    }

    TaskQueueState Queue(Namespace ns, string name, bool activities, bool sticky)
    {
        if (_queues.TryGetValue((ns.Id, name, activities), out var queue)) return queue;
        queue = new TaskQueueState { NamespaceId = ns.Id, Name = name, Activities = activities, Sticky = sticky };
        _queues.Add((ns.Id, name, activities), queue);
        state.TaskQueues.Add(queue);
        return queue;
    }

    static void RemoveFirst(TaskQueueState queue, int count)
    {
        if (count == 0) return;
        if (count == 1)
        {
            queue.Tasks.RemoveAt(0);
            return;
        }
        var rest = queue.Tasks.Skip(count).ToArray();
        queue.Tasks.Clear();
        queue.Tasks.AddRange(rest);
    }
}
