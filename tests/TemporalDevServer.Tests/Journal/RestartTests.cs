using LogPipeline.DurableFiles;
using TemporalDevServer.Engine;
using Xunit.Abstractions;

namespace TemporalDevServer.Tests.Journal;

/// <summary>How long a start takes when much has happened before.</summary>
public sealed class RestartTests(ITestOutputHelper output)
{
    const int Closed = 10_000;

    // The goal is a second for the whole program. What counts here is this thread's own time, which a busy machine does not stretch.
    static readonly TimeSpan StartMax = TimeSpan.FromSeconds(1);

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
        var before = ProcessorTime();
        using var again = new JournalRig(directory);
        var took = ProcessorTime() - before;
        var bytes = directory.List().Sum(name => new FileInfo(Path.Combine(directory.Path, name)).Length);
        var how = stopped ? "stopped" : "killed";
        output.WriteLine($"{how}: {took.TotalMilliseconds:0} ms; {bytes / 1e6:0.0} MB on disk");
        again.Engine.RunCount.ShouldBe(Closed);
        took.ShouldBeLessThan(StartMax);
    }

    // Nanoseconds on a processor stand first (Linux, proc(5)).
    static TimeSpan ProcessorTime() =>
        TimeSpan.FromMicroseconds(long.Parse(File.ReadAllText("/proc/thread-self/schedstat")
            .Split(' ')[0], CultureInfo.InvariantCulture) / 1000);
}
