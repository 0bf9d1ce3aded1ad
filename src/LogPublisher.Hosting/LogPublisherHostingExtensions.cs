using LogPipeline.Publisher;
using LogPipeline.Publisher.Hosting;
using LogPipeline.Publisher.Options;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Serilog.Core;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds <c>AddLogPublisher()</c> to hosts and services.</summary>
public static class LogPublisherHostingExtensions
{
    /// <summary>
    /// The section of the configuration that holds the options, under their names in code and in their groups.
    /// </summary>
    public const string Section = "LogPublisher";

    /// <summary>The health check's name.</summary>
    public const string HealthCheck = "log-publisher";

    /// <summary>
    /// Hands what the host logs to Temporal: adds <see cref="TemporalSink"/> as a service (its
    /// <see cref="TemporalSink.Stats"/> tell where every event is), as a logger provider and as the health check
    /// <c>log-publisher</c>, and flushes it when the host has stopped. The check is degraded while Temporal is not
    /// reached or room for what waits runs out, and unhealthy while events are lost or the disk fails. Options come from
    /// the section <c>LogPublisher</c>, then from <paramref name="configure"/>, then from environment variables; the last
    /// one wins.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="addLoggerProvider">
    /// False when the host logs through Serilog already: then give the sink to that logger
    /// (<c>WriteTo.Sink(services.GetRequiredService&lt;TemporalSink&gt;())</c>, or <c>ReadFrom.Services(services)</c>).
    /// </param>
    /// <exception cref="ConfigurationException">Thrown when the host is built: options were wrong; it holds all
    /// errors.</exception>
    public static IHostApplicationBuilder AddLogPublisher(this IHostApplicationBuilder builder,
        Action<TemporalSinkOptions>? configure = null, bool addLoggerProvider = true)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddLogPublisher(configure, addLoggerProvider);
        return builder;
    }

    /// <inheritdoc cref="AddLogPublisher(IHostApplicationBuilder, Action{TemporalSinkOptions}, bool)"/>
    public static IServiceCollection AddLogPublisher(this IServiceCollection services,
        Action<TemporalSinkOptions>? configure = null, bool addLoggerProvider = true)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(provider =>
            new TemporalSink(OptionsOf(provider.GetService<IConfiguration>(), configure)));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILogEventSink, TemporalSink>(provider =>
            provider.GetRequiredService<TemporalSink>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, FlushService>());
        services.AddHealthChecks();
        services.TryAddSingleton(provider =>
            new PublisherHealthCheck(provider.GetRequiredService<TemporalSink>(), TimeProvider.System));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<HealthCheckServiceOptions>, HealthOptions>());
        if (addLoggerProvider)
            services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, LogPublisherLoggerProvider>());
        return services;
    }

    // Once, however often the publisher is added: a name may not come twice.
    sealed class HealthOptions : IConfigureOptions<HealthCheckServiceOptions>
    {
        public void Configure(HealthCheckServiceOptions options)
        {
            options.Registrations.Add(new HealthCheckRegistration(HealthCheck,
                provider => provider.GetRequiredService<PublisherHealthCheck>(), failureStatus: null, tags: null));
        }
    }

    static TemporalSinkOptions OptionsOf(IConfiguration? configuration, Action<TemporalSinkOptions>? configure)
    {
        var options = configuration is null ? new TemporalSinkOptions() : OptionsIn(configuration.GetSection(Section));
        configure?.Invoke(options);
        return options;
    }

    static TemporalSinkOptions OptionsIn(IConfigurationSection section)
    {
        var errors = new EnvironmentReader();
        var options = SinkOptionsReader.FromTexts(new OptionTexts().AddSection(section), errors);
        errors.ThrowIfWrong();
        return options;
    }
}
