using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Temporalio.Extensions.Hosting;

/// <summary>Adds activities and workflows to a hosted worker.</summary>
public static class TemporalWorkerServiceOptionsBuilderExtensions
{
    /// <summary>One object for all attempts. A registration of the type that is there already is kept.</summary>
    public static ITemporalWorkerServiceOptionsBuilder AddSingletonActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.AddSingletonActivities(typeof(T));

    /// <inheritdoc cref="AddSingletonActivities{T}"/>
    public static ITemporalWorkerServiceOptionsBuilder AddSingletonActivities(this ITemporalWorkerServiceOptionsBuilder builder, Type type)
    {
        builder.Services.TryAddSingleton(type);
        return builder.ApplyTemporalActivities(type);
    }

    /// <summary>One object, in a scope of its own, for each attempt. A registration of the type that is there already is kept.</summary>
    public static ITemporalWorkerServiceOptionsBuilder AddScopedActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.AddScopedActivities(typeof(T));

    /// <inheritdoc cref="AddScopedActivities{T}"/>
    public static ITemporalWorkerServiceOptionsBuilder AddScopedActivities(this ITemporalWorkerServiceOptionsBuilder builder, Type type)
    {
        builder.Services.TryAddScoped(type);
        return builder.ApplyTemporalActivities(type);
    }

    /// <summary>A new object for each attempt. A registration of the type that is there already is kept.</summary>
    public static ITemporalWorkerServiceOptionsBuilder AddTransientActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.AddTransientActivities(typeof(T));

    /// <inheritdoc cref="AddTransientActivities{T}"/>
    public static ITemporalWorkerServiceOptionsBuilder AddTransientActivities(this ITemporalWorkerServiceOptionsBuilder builder, Type type)
    {
        builder.Services.TryAddTransient(type);
        return builder.ApplyTemporalActivities(type);
    }

    /// <summary>Static methods alone; a method that needs an object fails the start.</summary>
    public static ITemporalWorkerServiceOptionsBuilder AddStaticActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.AddStaticActivities(typeof(T));

    /// <inheritdoc cref="AddStaticActivities{T}"/>
    public static ITemporalWorkerServiceOptionsBuilder AddStaticActivities(this ITemporalWorkerServiceOptionsBuilder builder, Type type) =>
        builder.ConfigureOptions(options => options.AddAllActivities(type, null));

    /// <summary>Methods of this very object.</summary>
    public static ITemporalWorkerServiceOptionsBuilder AddActivitiesInstance<T>(this ITemporalWorkerServiceOptionsBuilder builder, T instance) =>
        builder.AddActivitiesInstance(typeof(T), instance!);

    /// <inheritdoc cref="AddActivitiesInstance{T}"/>
    public static ITemporalWorkerServiceOptionsBuilder AddActivitiesInstance(this ITemporalWorkerServiceOptionsBuilder builder, Type type, object instance) =>
        builder.ConfigureOptions(options => options.AddAllActivities(type, instance));

    /// <summary>Workflows get nothing injected: they must replay.</summary>
    public static ITemporalWorkerServiceOptionsBuilder AddWorkflow<T>(this ITemporalWorkerServiceOptionsBuilder builder) => builder.AddWorkflow(typeof(T));

    /// <inheritdoc cref="AddWorkflow{T}"/>
    public static ITemporalWorkerServiceOptionsBuilder AddWorkflow(this ITemporalWorkerServiceOptionsBuilder builder, Type type) =>
        builder.ConfigureOptions(options => options.AddWorkflow(type));

    /// <summary>The worker's options, for the host's ways of configuring.</summary>
    /// <param name="builder">The worker.</param>
    /// <param name="disallowDuplicates">Whether a worker of this task queue that was added before is an error.</param>
    /// <exception cref="InvalidOperationException">There is one.</exception>
    public static OptionsBuilder<TemporalWorkerServiceOptions> ConfigureOptions(this ITemporalWorkerServiceOptionsBuilder builder, bool disallowDuplicates = false)
    {
#pragma warning disable CS0618 // A worker may still be told apart by its build id.
        var version = builder.DeploymentOptions?.Version?.ToCanonicalString() ?? builder.BuildId;
#pragma warning restore CS0618
        var name = TemporalWorkerServiceOptions.GetUniqueOptionsName(builder.TaskQueue, version);
        if (disallowDuplicates && builder.Services.Any(IsConfigured))
            throw new InvalidOperationException($"Worker service for task queue '{builder.TaskQueue}' and version '{version ?? "<unset>"}' already on collection");
        return builder.Services.AddOptions<TemporalWorkerServiceOptions>(name);

        // A keyed service throws when it is asked for its instance.
        bool IsConfigured(ServiceDescriptor service) =>
            !service.IsKeyedService && service.ImplementationInstance is ConfigureNamedOptions<TemporalWorkerServiceOptions> options && options.Name == name;
    }

    /// <inheritdoc cref="ConfigureOptions(ITemporalWorkerServiceOptionsBuilder, bool)"/>
    public static ITemporalWorkerServiceOptionsBuilder ConfigureOptions(
        this ITemporalWorkerServiceOptionsBuilder builder, Action<TemporalWorkerServiceOptions> configure, bool disallowDuplicates = false)
    {
        builder.ConfigureOptions(disallowDuplicates).Configure(configure);
        return builder;
    }

    /// <summary>Activities of a type that is registered by other means.</summary>
    public static ITemporalWorkerServiceOptionsBuilder ApplyTemporalActivities<T>(this ITemporalWorkerServiceOptionsBuilder builder) =>
        builder.ApplyTemporalActivities(typeof(T));

    /// <inheritdoc cref="ApplyTemporalActivities{T}"/>
    public static ITemporalWorkerServiceOptionsBuilder ApplyTemporalActivities(this ITemporalWorkerServiceOptionsBuilder builder, Type type)
    {
        builder.ConfigureOptions().PostConfigure<IServiceProvider>((options, provider) =>
        {
            foreach (var activity in provider.CreateTemporalActivityDefinitions(type)) options.AddActivity(activity);
        });
        return builder;
    }
}
