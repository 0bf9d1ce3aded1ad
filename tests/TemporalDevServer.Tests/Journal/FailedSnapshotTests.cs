using LogPipeline.DurableFiles;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Journal;

namespace TemporalDevServer.Tests.Journal;

/// <summary>A snapshot that cannot be made, while the journal can be written.</summary>
public sealed class FailedSnapshotTests
{
    static readonly JournalOptions Options = new() { SnapshotInputs = 10 };
    readonly InMemoryDisk _disk = new();

    [Theory]
    [InlineData("snapshot-")]
    [InlineData("history-")]
    public void ItIsSaidOnceAndTriedAgainAndTheJournalGoesOn(string file)
    {
        var broken = true;
        int tries = 0, made = 0;
        using (var rig = new JournalRig(_disk.Root, options: Options))
        {
            _disk.Fault = operation =>
            {
                if (!NameOf(operation).StartsWith(file, StringComparison.Ordinal)) return null;
                if (operation.Verb != StoreVerb.Sync) return null;
                if (broken) Interlocked.Increment(ref tries);
                else Interlocked.Increment(ref made);
                return broken ? new StoreFault(StoreFaultKind.InputOutput) : null;
            };
            rig.Step(new EnsureNamespaceInput("default"));
            var runs = 0;
            while (Volatile.Read(ref tries) < 3) rig.RunOne($"{runs++}");
            rig.Failure.IsCompleted.ShouldBeFalse();
            rig.HasRefused.ShouldBeFalse();
            rig.Logged.ShouldHaveSingleItem().ShouldContain("A snapshot of");

            broken = false;
            while (Volatile.Read(ref made) == 0) rig.RunOne($"{runs++}");
            rig.RunOne("last");
            rig.Close(withSnapshot: true);
            rig.Failure.IsCompleted.ShouldBeFalse();
        }
        _disk.Root.List().ShouldNotContain(name => name.EndsWith(".new", StringComparison.Ordinal));
        using var again = new JournalRig(_disk.Root);
        again.Logged.ShouldBeEmpty();
        again.History("0").Count.ShouldBe(5);
        again.History("last").Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("snapshot-")]
    [InlineData("history-")]
    public void NothingIsLostWhereNoneCanBeMadeToTheEnd(string file)
    {
        _disk.Fault = operation =>
            NameOf(operation).StartsWith(file, StringComparison.Ordinal) && operation.Verb == StoreVerb.Sync
            && string.CompareOrdinal(NameOf(operation), $"{file}00000002") >= 0
                ? new StoreFault(StoreFaultKind.InputOutput)
                : null;
        using (var rig = new JournalRig(_disk.Root, options: Options))
        {
            rig.Step(new EnsureNamespaceInput("default"));
            for (var i = 0; i < 30; i++) rig.RunOne($"{i}");
            rig.Close(withSnapshot: true);
            rig.Failure.IsCompleted.ShouldBeFalse();
            rig.Logged.ShouldHaveSingleItem().ShouldContain("another is tried later");
        }
        using var again = new JournalRig(_disk.Root);
        again.Logged.ShouldBeEmpty();
        for (var i = 0; i < 30; i++) again.History($"{i}").Count.ShouldBe(5);
    }

    /// <summary>An earlier version let callers put more into the state than a record may hold.</summary>
    [Fact]
    public void AStateThatIsTooLargeForASnapshotEndsNothing()
    {
        using (var rig = new JournalRig(_disk.Root, options: Options))
        {
            rig.Step(new EnsureNamespaceInput("default"));
            rig.Engine.State.ClusterId = new string('x', JournalFiles.StateOptions.RecordBytesMax);
            for (var i = 0; i < 20; i++) rig.RunOne($"{i}");
            rig.Close(withSnapshot: true);
            rig.Failure.IsCompleted.ShouldBeFalse();
            rig.Logged.ShouldHaveSingleItem().ShouldContain("RecordBytesMax");
        }
        using var again = new JournalRig(_disk.Root);
        again.Call(new DescribeNamespaceRequest { Namespace = "default" })[0].Error.ShouldBeNull();
        again.History("19").Count.ShouldBe(5);
    }

    static string NameOf(StoreOperation operation) => Path.GetFileName(operation.Path);
}
