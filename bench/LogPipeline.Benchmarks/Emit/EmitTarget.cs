namespace LogPipeline.Benchmarks.Emit;

/// <summary>
/// One way of logging the event that all are measured with: a template with three properties, one of them a number, and one property from
/// an enricher.
/// </summary>
abstract class EmitTarget : IDisposable
{
    public const string Template = "Order {OrderId} of {Customer} is {State}";
    public const string Enriched = "Machine";
    public const string EnrichedValue = "web-17";

    public abstract string Name { get; }

    public abstract void Log(int orderId, string customer, string state);

    /// <summary>Returns when all that was logged is where it goes.</summary>
    public abstract void Drain();

    /// <summary>What was lost, if anything; a target that loses is not faster.</summary>
    public virtual long Dropped => 0;

    public abstract void Dispose();
}
