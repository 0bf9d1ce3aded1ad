using System.Text.RegularExpressions;

namespace LogPipeline.Tests.Tidy;

/// <summary>Rules that a reader can rely on because a test reads the sources.</summary>
public sealed partial class SourceTidyTests
{
    static readonly string[] NotInWorkflows =
    [
        "System.IO", "System.Net", "File.", "Directory.", "HttpClient", "Console.", "Process.", "Environment.",
        "DateTime.", "DateTimeOffset.", "Stopwatch", "Random", "Guid.", "Thread", "Task.Run", "Task.Delay", "Timer",
        "ConfigureAwait", "lock (",
    ];

    [Fact]
    public void NothingIsLeftForLater()
    {
        var left = SourceFiles.Under("src", "samples", "tests", "bench")
            .Where(file => !file.Path.EndsWith("/SourceTidyTests.cs", StringComparison.Ordinal))
            .SelectMany(file => ForLater().Matches(file.Text).Select(match => $"{file}: {match.Value}"));
        left.ShouldBeEmpty();
    }

    [Fact]
    public void WorkflowCodeTouchesNoClockChanceThreadOrDisk()
    {
        var found = SourceFiles.Under("src").Where(file => file.Path.EndsWith(".workflow.cs", StringComparison.Ordinal))
            .SelectMany(file => NotInWorkflows.Where(word => file.Code.Contains(word, StringComparison.Ordinal))
                .Select(word => $"{file}: {word}"));
        found.ShouldBeEmpty();
    }

    [Fact]
    public void WorkflowsLiveInWorkflowFiles()
    {
        var found = SourceFiles.Under("src/Workflows", "src/LogPublisher", "src/LogWorker")
            .Where(file =>
                file.Code.Contains("[Workflow", StringComparison.Ordinal) && !file.Path.EndsWith(".workflow.cs", StringComparison.Ordinal));
        found.ShouldBeEmpty();
    }

    // Deliberately not the words themselves in one piece of prose: they are looked for as words, in capitals.
    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex ForLater();
}
