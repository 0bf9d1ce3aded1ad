using System.Reflection;
using System.Runtime.ExceptionServices;
using Microsoft.Extensions.DependencyInjection;
using Temporalio.Activities;

namespace Temporalio.Extensions.Hosting;

/// <summary>Activities whose objects come from a service provider, in a scope that lasts as long as the attempt.</summary>
public static class ServiceProviderExtensions
{
    public static IReadOnlyCollection<ActivityDefinition> CreateTemporalActivityDefinitions<T>(this IServiceProvider provider) =>
        provider.CreateTemporalActivityDefinitions(typeof(T));

    /// <summary>One for each method of the type that has <see cref="ActivityAttribute"/>.</summary>
    public static IReadOnlyCollection<ActivityDefinition> CreateTemporalActivityDefinitions(this IServiceProvider provider, Type type) =>
        type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance)
            .Where(method => method.IsDefined(typeof(ActivityAttribute)))
            .Select(method => provider.CreateTemporalActivityDefinition(type, method))
            .ToList();

    public static ActivityDefinition CreateTemporalActivityDefinition(this IServiceProvider provider, Type instanceType, MethodInfo method)
    {
        return ActivityDefinition.Create(method, InvokeAsync);

        // Scope and instance are async locals, so what is set here is gone when this method returns.
        async Task<object?> InvokeAsync(object?[] arguments)
        {
            if (ActivityScope.ServiceScope is { } given) return await CallAsync(given.ServiceProvider, arguments).ConfigureAwait(false);
            var scope = provider.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
            {
                ActivityScope.ServiceScope = scope;
                return await CallAsync(scope.ServiceProvider, arguments).ConfigureAwait(false);
            }
        }

        async Task<object?> CallAsync(IServiceProvider services, object?[] arguments)
        {
            var instance = method.IsStatic ? null : ActivityScope.ScopedInstance ?? services.GetRequiredService(instanceType);
            ActivityScope.ScopedInstance = instance;
            object? result;
            try
            {
                result = method.Invoke(instance, arguments);
            }
            catch (TargetInvocationException e) when (e.InnerException != null)
            {
                ExceptionDispatchInfo.Throw(e.InnerException);
                throw;
            }
            // Awaited here and not by the caller, so that the scope outlives the activity.
            return result is Task task ? await TaskResult.OfAsync(task).ConfigureAwait(false) : result;
        }
    }
}
