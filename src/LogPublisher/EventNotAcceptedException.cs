namespace LogPipeline.Publisher;

/// <summary>
/// <c>AuditTo.Temporal</c> could not hand over an event: the spool did not take it, or did not sync it in time; then it
/// may arrive all the same. Serilog throws it within an <see cref="AggregateException"/>.
/// </summary>
public sealed class EventNotAcceptedException(string message, Exception? innerException = null)
    : Exception(message, innerException);
