using System.Collections.Concurrent;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

/// <summary>Events a test needs.</summary>
static class SomeEvent
{
    // As Serilog's own: two events of one template share it, by which the sink knows that it comes again.
    const int TemplatesMax = 1_000;
    static readonly ConcurrentDictionary<string, MessageTemplate> Templates = new(StringComparer.Ordinal);

    public static LogEvent Of(string template, params (string Name, object? Value)[] properties) =>
        Of(LogEventLevel.Information, template, properties);

    public static LogEvent Of(LogEventLevel level, string template, params (string Name, object? Value)[] properties) => new(
        LogPipeline.TestSupport.Some.Instant, level, null, Parse(template),
        properties.Select(p => new LogEventProperty(p.Name, p.Value as LogEventPropertyValue ?? new ScalarValue(p.Value))));

    public static LogEvent With(Exception exception) => new(
        LogPipeline.TestSupport.Some.Instant, LogEventLevel.Error, exception, new MessageTemplateParser().Parse("failed"), []);

    static MessageTemplate Parse(string template)
    {
        if (Templates.TryGetValue(template, out var known)) return known;
        if (Templates.Count >= TemplatesMax) Templates.Clear();
        return Templates.GetOrAdd(template, new MessageTemplateParser().Parse(template));
    }
}
