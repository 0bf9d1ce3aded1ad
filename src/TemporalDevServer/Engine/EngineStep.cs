using Google.Protobuf.WellKnownTypes;

namespace TemporalDevServer.Engine;

/// <summary>
/// What belongs to one step: its instant, the replies given so far, and the work that one run leaves for another (a
/// child to start, a parent to notify), which is done before the step ends.
/// </summary>
sealed class EngineStep(EngineState state)
{
    readonly Queue<Action> _deferred = new();
    readonly List<Reply> _replies = [];

    /// <summary>The instant of this step, in ticks.</summary>
    public long Now => state.Now;

    /// <summary>The instant of this step as messages carry it.</summary>
    public Timestamp Time { get; private set; } = new();

    public IReadOnlyList<Reply> Replies => _replies;

    public void Begin(DateTime now)
    {
        // Time never runs backwards here, whatever the machine's clock does.
        state.Now = Math.Max(state.Now, now.Ticks);
        Time = Ticks.ToTimestamp(state.Now);
        _replies.Clear();
    }

    public void Answer(long callId, IMessage message) => _replies.Add(new Reply(callId, message, null));

    public void Refuse(long callId, ServiceError error) => _replies.Add(new Reply(callId, null, error));

    /// <summary>Leaves work for the end of the step.</summary>
    public void Defer(Action work) => _deferred.Enqueue(work);

    public void RunDeferred()
    {
        while (_deferred.TryDequeue(out var work)) work();
    }
}
