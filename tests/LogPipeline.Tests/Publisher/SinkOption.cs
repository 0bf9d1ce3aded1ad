using System.Reflection;
using LogPipeline.Publisher;

namespace LogPipeline.Tests.Publisher;

/// <summary>An option of the sink, as code has it: with the group it stands in.</summary>
sealed record SinkOption(PropertyInfo? Group, PropertyInfo Property)
{
    public static IReadOnlyList<SinkOption> All { get; } =
    [
        .. PropertiesOf(typeof(TemporalSinkOptions)).SelectMany(property => IsGroup(property.PropertyType)
            ? PropertiesOf(property.PropertyType).Select(option => new SinkOption(property, option))
            : [new SinkOption(null, property)]),
    ];

    public string Name => Group is null ? Property.Name : $"{Group.Name}.{Property.Name}";

    public Type Type => Property.PropertyType;

    /// <summary>Whether a text can set it; code has neither variable nor place in JSON.</summary>
    public bool IsText => !typeof(Delegate).IsAssignableFrom(Type);

    public static SinkOption Named(string name) => All.Single(option => option.Name == name);

    public object? Get(TemporalSinkOptions options) => Property.GetValue(Holder(options));

    public void Set(TemporalSinkOptions options, object? value) => Property.SetValue(Holder(options), value);

    object Holder(TemporalSinkOptions options) => Group is null ? options : Group.GetValue(options)!;

    static bool IsGroup(Type type) => type.Namespace == typeof(TemporalSinkOptions).Namespace && type.IsClass;

    static PropertyInfo[] PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);
}
