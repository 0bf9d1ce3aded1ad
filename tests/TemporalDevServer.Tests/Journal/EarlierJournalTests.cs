using Google.Protobuf;
using LogPipeline.DurableFiles;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine.State;
using TemporalDevServer.Journal;

namespace TemporalDevServer.Tests.Journal;

/// <summary>Journals that another version of this program wrote.</summary>
public sealed class EarlierJournalTests
{
    // Earlier/ was written by the version whose messages came from .proto files of its own, which was stopped, started
    // again and killed. expected.txt is what it said of each workflow before that: id, description, history.
    static readonly string Earlier = Repository.PathOf("tests", "TemporalDevServer.Tests", "Journal", "Earlier");
    static readonly DateTime Killed = new(2026, 11, 30, 3, 45, 58, DateTimeKind.Utc);

    readonly InMemoryDisk _disk = new();

    [Theory]
    [InlineData("snapshot-00000002")]
    [InlineData("snapshot-00000001")]
    public void TheOneBeforeIsReadFromItsSnapshotAndFromItsInputs(string snapshot)
    {
        foreach (var name in Directory.GetFiles(Earlier, "*-*").Select(path => Path.GetFileName(path)))
            if (name == snapshot || !name.StartsWith("snapshot-", StringComparison.Ordinal))
                Write(name, File.ReadAllBytes(Path.Combine(Earlier, name)));

        using var rig = new JournalRig(_disk.Root, Killed);

        rig.Logged.ShouldBeEmpty();
        var expected = File.ReadAllLines(Path.Combine(Earlier, "expected.txt")).Chunk(3).ToArray();
        expected.Length.ShouldBe(8);
        foreach (var (id, description, history) in expected.Select(lines => (lines[0], lines[1], lines[2])))
        {
            Describe(rig, id).ShouldBe(JsonParser.Default.Parse<DescribeWorkflowExecutionResponse>(description), id);
            rig.History(id).ShouldBe(
                JsonParser.Default.Parse<GetWorkflowExecutionHistoryResponse>(history).History.Events, id);
        }
        rig.Engine.Runs.Single(run => run.WorkflowId == "buffering").Buffered.Count.ShouldBe(2);
        // It goes on, and what it writes is read again.
        rig.RunOne("another");
        rig.Close();
        using var again = new JournalRig(_disk.Root, rig.Now);
        again.Logged.ShouldBeEmpty();
        Describe(again, "active").ShouldBe(Describe(rig, "active"));
    }

    [Fact]
    public void ALaterOneIsRefusedWithItsVersionAndWhatWouldDo()
    {
        Write("journal-00000003", []);
        SnapshotFile.Write(_disk.Root, 3, [new SnapshotHead { Version = 7, State = new() }.ToByteArray()]);
        var before = _disk.Root.List();

        var refused = Should.Throw<JournalMismatchException>(() => new JournalRig(_disk.Root));

        refused.Message.ShouldBe("snapshot-00000003 is of version 7 of the journal, and this program reads versions 0 to 1: "
            + "start the program that wrote it, or move the directory away to begin anew.");
        _disk.Root.List().ShouldBe(before);
    }

    static DescribeWorkflowExecutionResponse Describe(JournalRig rig, string id)
    {
        var request = new DescribeWorkflowExecutionRequest
        {
            Namespace = "default",
            Execution = new() { WorkflowId = id },
        };
        return (DescribeWorkflowExecutionResponse)rig.Call(request)[0].Message!;
    }

    void Write(string name, byte[] content)
    {
        using var file = _disk.Root.Open(name, StoreOpen.New);
        file.Write(content, 0);
    }
}
