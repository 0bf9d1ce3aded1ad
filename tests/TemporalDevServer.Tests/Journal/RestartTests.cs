using System.Diagnostics;
using LogPipeline.DurableFiles;
using TemporalDevServer.Engine;
using Xunit.Abstractions;

namespace TemporalDevServer.Tests.Journal;

/// <summary>How long a start takes when much has happened before.</summary>
public sealed class RestartTests(ITestOutputHelper output)
{
    const int Closed = 10_000;

    // The goal is a second for the whole program; a busy machine gets some more here.
    static readonly TimeSpan StartMax = TimeSpan.FromSeconds(3);

    [Theory, InlineData(true), InlineData(false)]
    public void AStartWithTenThousandClosedWorkflowsIsQuickWhetherTheServerWasStoppedOrKilled(bool stopped)
    {
        using var temporary = new TempDirectory();
        var directory = new PhysicalDirectory(temporary.File("journal"));
        using (var rig = new JournalRig(directory) { Waits = false })
        {
            rig.Step(new EnsureNamespaceInput("default"));
            for (var i = 0; i < Closed; i++)
            {
                rig.RunOne($"workflow-{i}", inputBytes: 2000);
                rig.Pass(TimeSpan.FromMilliseconds(10));
            }
            rig.Close(withSnapshot: stopped);
        }
        var watch = Stopwatch.StartNew();
        using var again = new JournalRig(directory);
        var took = watch.Elapsed;
        var bytes = directory.List().Sum(name => new FileInfo(Path.Combine(directory.Path, name)).Length);
        var how = stopped ? "stopped" : "killed";
        output.WriteLine($"{how}: {took.TotalMilliseconds:0} ms; {bytes / 1e6:0.0} MB on disk");
        again.Engine.RunCount.ShouldBe(Closed);
        took.ShouldBeLessThan(StartMax);
    }
}
