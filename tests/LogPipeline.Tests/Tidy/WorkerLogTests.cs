using System.Text.RegularExpressions;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Tidy;

public sealed partial class WorkerLogTests
{
    /// <summary>Whoever filters the worker's log by event id finds one message.</summary>
    [Fact]
    public void NoTwoMessagesOfTheWorkerHaveOneNumber()
    {
        var source = File.ReadAllText(Repository.PathOf("src", "LogWorker", "Observability", "WorkerLog.cs"));
        Number().Matches(source).Select(match => match.Groups[1].Value).ShouldBeUnique();
    }

    [GeneratedRegex(@"\[LoggerMessage\((\d+),")]
    private static partial Regex Number();
}
