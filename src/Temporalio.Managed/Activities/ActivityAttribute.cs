using Temporalio.Converters;

namespace Temporalio.Activities;

/// <summary>Makes a method an activity. Not inherited: an override needs its own.</summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class ActivityAttribute : Attribute
{
    public ActivityAttribute() { }

    public ActivityAttribute(string name) => Name = name;

    /// <summary>The activity type; null: the method's name, without <c>Async</c> at its end when it returns a task.</summary>
    public string? Name { get; }

    /// <summary>
    /// Whether the method takes activities of every type that has no method of its own. It then has no name and one
    /// parameter, an array of <see cref="IRawValue"/>.
    /// </summary>
    public bool Dynamic { get; set; }
}
