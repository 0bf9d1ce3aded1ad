using System.Diagnostics;

namespace LogPipeline.Publisher.Diagnostics;

/// <summary>
/// The spans of the sink: one for each attempt to publish a batch, from the start of the call to Temporal's answer. It
/// has no parent, as a batch holds events of many traces; their ids stay in the records.
/// </summary>
static class PublisherTrace
{
    public const string SourceName = "LogPublisher";

    static readonly ActivitySource Source = new(SourceName);

    /// <summary>To be called where no other span is, as in the publish loop.</summary>
    /// <returns>Null: nobody listens.</returns>
    public static Activity? Start(string batch, string source, int records, int bytes)
    {
        var span = Source.StartActivity("publish", ActivityKind.Producer);
        return span?.SetTag("logpipeline.batch", batch).SetTag("logpipeline.source", source)
            .SetTag("logpipeline.records", records).SetTag("logpipeline.size", bytes);
    }
}
