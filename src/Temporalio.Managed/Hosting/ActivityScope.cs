using Microsoft.Extensions.DependencyInjection;

namespace Temporalio.Extensions.Hosting;

/// <summary>
/// The service scope that an activity runs in. An interceptor may set scope or instance before the activity is called;
/// it then owns them. Without one, each attempt has a scope of its own.
/// </summary>
public static class ActivityScope
{
    static readonly AsyncLocal<IServiceScope?> CurrentScope = new();
    static readonly AsyncLocal<object?> CurrentInstance = new();

    public static IServiceScope? ServiceScope
    {
        get => CurrentScope.Value;
        set => CurrentScope.Value = value;
    }

    /// <summary>The object whose method is the activity.</summary>
    public static object? ScopedInstance
    {
        get => CurrentInstance.Value;
        set => CurrentInstance.Value = value;
    }
}
