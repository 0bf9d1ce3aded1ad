using System.Reflection;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Tidy;

/// <summary>What the product's own assemblies show to their users.</summary>
public sealed class PublicSurfaceTests
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static TheoryData<string> Assemblies() => new(typeof(BatchId).Assembly.GetName().Name!, "LogPublisher", "logworker", "LogPipeline.DurableFiles");

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void NoGeneratedMessageTypeIsOnThePublicSurface(string assembly)
    {
        var found = Assembly.Load(assembly).GetExportedTypes()
            .SelectMany(type => Shown(type).Where(IsGenerated).Select(shown => $"{type} shows {shown}"));
        found.Distinct().ShouldBeEmpty();
    }

    static bool IsGenerated(Type type) =>
        type.Namespace is { } name && (name.StartsWith("Temporalio.Api", StringComparison.Ordinal) || name.StartsWith("Google.Protobuf", StringComparison.Ordinal));

    static IEnumerable<Type> Shown(Type type) =>
        new[] { type.BaseType }.Concat(type.GetInterfaces())
            .Concat(type.GetMembers(Declared).SelectMany(Shown))
            .Where(shown => shown is not null).SelectMany(shown => Parts(shown!));

    static IEnumerable<Type?> Shown(MemberInfo member) => member switch
    {
        MethodBase method when IsVisible(method) => method.GetParameters().Select(p => p.ParameterType).Append((method as MethodInfo)?.ReturnType),
        FieldInfo { IsPublic: true } field => [field.FieldType],
        FieldInfo { IsFamily: true } field => [field.FieldType],
        // Properties and events show themselves in their accessors.
        _ => [],
    };

    static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    static IEnumerable<Type> Parts(Type type)
    {
        yield return type;
        if (type.HasElementType)
            foreach (var part in Parts(type.GetElementType()!)) yield return part;
        foreach (var argument in type.GetGenericArguments())
            if (!argument.IsGenericParameter)
                foreach (var part in Parts(argument)) yield return part;
    }
}
