using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Common;

namespace Temporalio.Tests;

/// <summary>The histories in Histories/, recorded from a real server. File names say the workflow: <c>TimerFeature.json</c>.</summary>
static class RecordedHistories
{
    static string Directory => Path.Combine(Repository.Root, "tests", "Temporalio.Tests", "Histories");

    public static IEnumerable<string> Files => System.IO.Directory.EnumerateFiles(Directory, "*.json").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal);

    public static WorkflowHistory Read(string file) => WorkflowHistory.FromJson(Path.GetFileNameWithoutExtension(file), File.ReadAllText(Path.Combine(Directory, file)));

    /// <summary>Keeps a history when LOGPIPELINE_RECORD_HISTORIES is 1. One that is there already stays: it was recorded by an earlier version.</summary>
    public static void KeepIfAsked(WorkflowHistory history)
    {
        if (Environment.GetEnvironmentVariable("LOGPIPELINE_RECORD_HISTORIES") != "1") return;
        var name = history.Events.First(e => e.EventType == EventType.WorkflowExecutionStarted).WorkflowExecutionStartedEventAttributes.WorkflowType.Name;
        var path = Path.Combine(Directory, $"{name}.json");
        System.IO.Directory.CreateDirectory(Directory);
        if (!File.Exists(path)) File.WriteAllText(path, history.ToJson() + "\n");
    }
}
