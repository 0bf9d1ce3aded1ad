namespace TemporalDevServer.Engine;

/// <summary>
/// An input of the engine. Those that are <see cref="IsJournaled"/> go to the journal, in order, before their replies
/// leave.
/// </summary>
abstract record EngineInput
{
    /// <summary>Whether it can change the state; a read-only call cannot.</summary>
    public virtual bool IsJournaled => true;
}

/// <summary>
/// A call of one of the service's methods. Its reply, at once or later, names <paramref name="CallId"/>.
/// </summary>
sealed record CallInput(long CallId, IMessage Request) : EngineInput
{
    public Call Call { get; } = Calls.Of(Request.GetType())
        ?? throw new ArgumentException($"No call has a {Request.GetType().Name}.", nameof(Request));

    public override bool IsJournaled => Call.Number != 0;
}

/// <summary>A call has waited long enough: it is answered with the current state.</summary>
sealed record ExpireInput(long CallId) : EngineInput;

/// <summary>The caller is gone: the call needs no reply.</summary>
sealed record AbandonInput(long CallId) : EngineInput;

/// <summary>Time has passed.</summary>
sealed record TickInput : EngineInput;

/// <summary>The server has restarted from its journal: earlier calls wait no longer.</summary>
sealed record RestartInput : EngineInput;

/// <summary>A namespace of the server's options.</summary>
sealed record EnsureNamespaceInput(string Name) : EngineInput;
