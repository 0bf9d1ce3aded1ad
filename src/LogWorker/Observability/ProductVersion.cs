using System.Reflection;

namespace LogPipeline.Worker.Observability;

/// <summary>What was built, and from which commit.</summary>
static class ProductVersion
{
    static readonly string[] Informational = (typeof(ProductVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+', 2);

    public static string Version => Informational[0];

    /// <summary>Its first twelve digits; "unknown" when built outside of a repository.</summary>
    public static string Commit =>
        Informational is [_, { Length: > 0 } commit] ? commit[..Math.Min(12, commit.Length)] : "unknown";

    public static string Text => $"logworker {Version} (commit {Commit})";

    /// <summary>The Temporal SDK in use: the managed subset or the official package.</summary>
    public static string Sdk => typeof(Temporalio.Worker.TemporalWorker).Assembly.GetName() is { } name
        ? $"{name.Name} {name.Version?.ToString(3)}" : "";
}
