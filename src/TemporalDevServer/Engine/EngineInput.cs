namespace TemporalDevServer.Engine;

/// <summary>
/// Everything that can come in. What the host says is in <see cref="IsKept"/> goes to the journal, in order, before its
/// replies leave.
/// </summary>
abstract record EngineInput
{
    /// <summary>Whether it can change what the engine knows; a mere question cannot.</summary>
    public virtual bool IsKept => true;
}

/// <summary>
/// A call of one of the service's methods. Its reply, at once or later, names <paramref name="CallId"/>.
/// </summary>
sealed record CallInput(long CallId, IMessage Request) : EngineInput
{
    public Call Call { get; } = Calls.Of(Request.GetType())
        ?? throw new ArgumentException($"No call has a {Request.GetType().Name}.", nameof(Request));

    public override bool IsKept => Call.Number != 0;
}

/// <summary>A call has waited long enough: it is answered with what there is.</summary>
sealed record ExpireInput(long CallId) : EngineInput;

/// <summary>Nobody waits for a call's reply any more.</summary>
sealed record AbandonInput(long CallId) : EngineInput;

/// <summary>Time has passed.</summary>
sealed record TickInput : EngineInput;

/// <summary>The server has started with what it knew: no call of before waits for anything.</summary>
sealed record RestartInput : EngineInput;

/// <summary>The server was told to have this namespace.</summary>
sealed record EnsureNamespaceInput(string Name) : EngineInput;
