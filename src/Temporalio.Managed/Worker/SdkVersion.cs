using System.Reflection;

namespace Temporalio.Worker;

/// <summary>This SDK's version, as servers and histories see it.</summary>
static class SdkVersion
{
    public static string Text { get; } =
        typeof(SdkVersion).Assembly.GetName().Version is { } version ? $"{version.Major}.{version.Minor}.{version.Build}" : "0.0.0";

    /// <summary>The running program's build, when the worker's options name none.</summary>
    public static string DefaultBuildId { get; } =
        (Assembly.GetEntryAssembly() ?? typeof(SdkVersion).Assembly).ManifestModule.ModuleVersionId.ToString();
}
