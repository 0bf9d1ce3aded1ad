using System.Text.RegularExpressions;

namespace LogPipeline.Tests.Tidy;

/// <summary>Rules that a reader can rely on because a test reads the sources.</summary>
public sealed partial class SourceTidyTests
{
    /// <summary>Where ambient time or chance is taken after all, and why.</summary>
    static readonly Dictionary<string, string> AmbientAllowed = new()
    {
        ["src/DurableFiles/RecordLog.cs"] = "the default of a parameter: a salt that tells this file's frames from what the disk held before",
        ["src/LogPublisher/Buffering/Intake.cs"] = "a thread that logs waits on a monitor, which knows only the machine's time",
        ["src/LogPublisher/TemporalSink.cs"] = "the default of a parameter: chance spreads retries and names this start of the application",
        ["src/LogWorker/Hosting/WorkerService.cs"] = "a program's own edge: chance spreads attempts to connect",
    };

    static readonly string[] NotInWorkflows =
    [
        "System.IO", "System.Net", "File.", "Directory.", "HttpClient", "Console.", "Process.", "Environment.",
        "DateTime.", "DateTimeOffset.", "Stopwatch", "Random", "Guid.", "Thread", "Task.Run", "Task.Delay", "Timer", "ConfigureAwait", "lock (",
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
    public void TimeAndChanceAreParameters()
    {
        var found = SourceFiles.Under("src").Where(file => Ambient().IsMatch(file.Code)).ToArray();
        found.Where(file => !AmbientAllowed.ContainsKey(file.Path))
            .Select(file => $"{file}: {Ambient().Match(file.Code).Value}").ShouldBeEmpty();
        AmbientAllowed.Keys.Except(found.Select(file => file.Path)).ShouldBeEmpty("These no longer need their exception.");
    }

    [Fact]
    public void WorkflowCodeTouchesNoClockChanceThreadOrDisk()
    {
        var found = SourceFiles.Under("src").Where(file => file.Path.EndsWith(".workflow.cs", StringComparison.Ordinal))
            .SelectMany(file => NotInWorkflows.Where(word => file.Code.Contains(word, StringComparison.Ordinal)).Select(word => $"{file}: {word}"));
        found.ShouldBeEmpty();
    }

    [Fact]
    public void WorkflowsLiveInWorkflowFiles()
    {
        var found = SourceFiles.Under("src/Workflows", "src/LogPublisher", "src/LogWorker")
            .Where(file => file.Code.Contains("[Workflow", StringComparison.Ordinal) && !file.Path.EndsWith(".workflow.cs", StringComparison.Ordinal));
        found.ShouldBeEmpty();
    }

    // Deliberately not the words themselves in one piece of prose: they are looked for as words, in capitals.
    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b")]
    private static partial Regex ForLater();

    [GeneratedRegex(@"\b(DateTime|DateTimeOffset)\.(Utc)?(Now|Today)\b|\bRandom\.Shared\b|\bnew Random\(|\bGuid\.(NewGuid|CreateVersion7)\(\)|\bEnvironment\.TickCount")]
    private static partial Regex Ambient();
}
