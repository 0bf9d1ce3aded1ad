using LogPipeline.TestSupport;
using Temporalio.Common;

namespace Temporalio.Tests;

/// <summary>The histories in Histories/, recorded from a real server. The first of a workflow is named after it, further ones after what they show.</summary>
static class RecordedHistories
{
    static string Directory => Path.Combine(Repository.Root, "tests", "Temporalio.Tests", "Histories");

    public static IEnumerable<string> Files => System.IO.Directory.EnumerateFiles(Directory, "*.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    public static WorkflowHistory Read(string file) => WorkflowHistory.FromJson(Path.GetFileNameWithoutExtension(file), File.ReadAllText(Path.Combine(Directory, file)));

    public static string WorkflowOf(WorkflowHistory history) => history.Events.First().WorkflowExecutionStartedEventAttributes.WorkflowType.Name;

    /// <summary>Keeps a history when LOGPIPELINE_RECORD_HISTORIES is 1. One that is there already stays: it was recorded by an earlier version.</summary>
    public static void KeepIfAsked(WorkflowHistory history, string prefix = "")
    {
        if (Environment.GetEnvironmentVariable("LOGPIPELINE_RECORD_HISTORIES") != "1") return;
        var path = Path.Combine(Directory, $"{prefix}{WorkflowOf(history)}.json");
        System.IO.Directory.CreateDirectory(Directory);
        if (!File.Exists(path)) File.WriteAllText(path, WithoutBuildPaths(history.ToJson()) + "\n");
    }

    // Stack traces name the sources where they were built.
    static string WithoutBuildPaths(string json) => json.Replace(Repository.Root, "/_", StringComparison.Ordinal);
}
