using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

/// <summary>Events a test needs.</summary>
static class SomeEvent
{
    public static LogEvent Of(string template, params (string Name, object? Value)[] properties) => Of(LogEventLevel.Information, template, properties);

    public static LogEvent Of(LogEventLevel level, string template, params (string Name, object? Value)[] properties) => new(
        LogPipeline.TestSupport.Some.Instant, level, null, new MessageTemplateParser().Parse(template),
        properties.Select(p => new LogEventProperty(p.Name, p.Value as LogEventPropertyValue ?? new ScalarValue(p.Value))));

    public static LogEvent With(Exception exception) => new(
        LogPipeline.TestSupport.Some.Instant, LogEventLevel.Error, exception, new MessageTemplateParser().Parse("failed"), []);
}
