using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Extensions.Logging;

namespace LogPipeline.Publisher.Hosting;

/// <summary>
/// Microsoft.Extensions.Logging into the sink, with scopes as properties. Levels are that library's filters; those of
/// this provider alone stand under <c>Logging:LogPublisher:LogLevel</c>.
/// </summary>
[ProviderAlias("LogPublisher")]
sealed class LogPublisherLoggerProvider : ILoggerProvider
{
    readonly SerilogLoggerProvider _provider;

    // The sink is the container's, which closes it.
    public LogPublisherLoggerProvider(TemporalSink sink) =>
        _provider = new SerilogLoggerProvider(
            new LoggerConfiguration().MinimumLevel.Verbose().Enrich.FromLogContext().WriteTo.Sink(sink).CreateLogger());

    public Microsoft.Extensions.Logging.ILogger CreateLogger(string categoryName) =>
        _provider.CreateLogger(categoryName);

    public void Dispose() => _provider.Dispose();
}
