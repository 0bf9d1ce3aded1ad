namespace LogPipeline.Publisher;

/// <summary>
/// <c>AuditTo.Temporal</c> could not hand over an event: neither Temporal nor the spool took it in time. It may arrive all
/// the same when Temporal's answer was lost. Serilog throws it within an <see cref="AggregateException"/>.
/// </summary>
public sealed class EventNotAcceptedException(string message, Exception? innerException = null) : Exception(message, innerException);
