using System.Reflection;
using System.Runtime.CompilerServices;

namespace Temporalio.Tests.Surface;

/// <summary>An assembly's public types and members, one a line, sorted: what code written against it can name.</summary>
static class PublicSurface
{
    const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Of(Assembly assembly) => assembly.GetExportedTypes()
        .Where(t => t.Namespace?.StartsWith("Temporalio.Api.", StringComparison.Ordinal) != true)
        .SelectMany(Of)
        .Order(StringComparer.Ordinal);

    static IEnumerable<string> Of(Type type)
    {
        var name = FullNameOf(type);
        yield return $"{name} : {KindOf(type)}";
        if (type.IsSubclassOf(typeof(MulticastDelegate))) yield break;
        foreach (var member in type.GetMembers(Declared))
        {
            var line = member switch
            {
                ConstructorInfo c when IsVisible(c) => $"ctor({ParametersOf(c)})",
                MethodInfo m when IsVisible(m) && IsOwn(m) => $"{m.Name}{GenericsOf(m)}({ParametersOf(m)}) : {NameOf(m.ReturnType)}",
                PropertyInfo { Name: not "EqualityContract" } p when IsVisible(p.GetMethod) || IsVisible(p.SetMethod) => $"{p.Name} : {NameOf(p.PropertyType)} {AccessorsOf(p)}",
                FieldInfo f when (f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly) && !f.IsSpecialName =>
                    type.IsEnum ? $"{f.Name} = {f.GetRawConstantValue()}" : $"{f.Name} : {NameOf(f.FieldType)}",
                EventInfo e when IsVisible(e.AddMethod) => $"{e.Name} : event {NameOf(e.EventHandlerType!)}",
                _ => null,
            };
            if (line != null) yield return $"{name}.{line}";
        }
    }

    static string KindOf(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        _ when type.IsSubclassOf(typeof(MulticastDelegate)) => "delegate",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    } + (type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) && b != typeof(Enum) && b != typeof(MulticastDelegate) ? $" of {NameOf(b)}" : "");

    static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    // Accessors stand with their property; what the compiler writes for records says nothing of its own.
    static bool IsOwn(MethodInfo method) =>
        !(method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal))
        && !method.IsDefined(typeof(CompilerGeneratedAttribute))
        && method.GetBaseDefinition().DeclaringType != typeof(object);

    static string AccessorsOf(PropertyInfo property)
    {
        var set = IsVisible(property.SetMethod)
            ? property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init;" : " set;"
            : "";
        return $"{{{(IsVisible(property.GetMethod) ? " get;" : "")}{set} }}";
    }

    static string GenericsOf(MethodInfo method) =>
        method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(a => a.Name))}>" : "";

    static string ParametersOf(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{(p.IsOut ? "out " : "")}{NameOf(p.ParameterType)} {p.Name}{(p.HasDefaultValue ? $" = {p.DefaultValue ?? "null"}" : "")}"));

    static string FullNameOf(Type type) => type.DeclaringType is { } outer ? $"{FullNameOf(outer)}.{Short(type)}" : $"{type.Namespace}.{Short(type)}";

    static string NameOf(Type type)
    {
        if (type.IsByRef) return NameOf(type.GetElementType()!);
        if (type.IsArray) return NameOf(type.GetElementType()!) + "[]";
        return Nullable.GetUnderlyingType(type) is { } value ? NameOf(value) + "?" : Short(type);
    }

    static string Short(Type type)
    {
        if (!type.IsGenericType) return type.Name;
        var tick = type.Name.IndexOf('`');
        return tick < 0 ? type.Name : $"{type.Name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
    }
}
