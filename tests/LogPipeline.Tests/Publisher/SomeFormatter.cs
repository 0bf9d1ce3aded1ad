using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;

namespace LogPipeline.Tests.Publisher;

/// <summary>A formatter with a test's own options.</summary>
static class SomeFormatter
{
    public static RecordFormatter Of(TemporalSinkOptions options, string? instance = null) =>
        new(new CaptureContext(options with { Source = options.Source ?? "orders" }), instance ?? JournalRig.Name.Instance);
}
