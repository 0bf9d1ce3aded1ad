using NamespaceState = TemporalDevServer.Engine.State.NamespaceState;

namespace TemporalDevServer.Engine;

/// <summary>A namespace by its state.</summary>
sealed class Namespace(NamespaceState state)
{
    public NamespaceState State { get; } = state;
    public string Id => State.Id;
    public string Name => State.Name;
}
