using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.Sharing;

/// <summary>Workers a and b, each in its directory on one disk.</summary>
public sealed class SiblingClaimsTests
{
    readonly InMemoryDisk _disk = new();
    readonly TestClock _time = new();

    LogWriter Start(string name)
    {
        var options = new LogWriterOptions { Worker = name };
        var writer = new LogWriter(_disk.Root.Directory(name), options, _time, claims: new SiblingClaims(_disk.Root, name, options));
        writer.Start();
        return writer;
    }

    List<long> Lines(string worker) => SomeBatch.Sequences(_disk.Root.Directory(worker), "app");

    [Fact]
    public async Task ABatchThatAnotherWorkerHasWrittenIsNotWrittenAgain()
    {
        await using var a = Start("a");
        await using var b = Start("b");
        var first = await a.WriteAsync(SomeBatch.Prepared(1, "app"));
        var again = await b.WriteAsync(SomeBatch.Prepared(1, "app"));
        (again.AlreadyWritten, again.Worker).ShouldBe((true, "a"));
        again.Entry.ToBytes().ShouldBe(first.Entry.ToBytes());
        Lines("b").ShouldBeEmpty();
        Lines("a").ShouldBe([1]);
    }

    [Fact]
    public async Task ABatchOfTheSameNameWithOtherRecordsIsRefusedThereToo()
    {
        await using var a = Start("a");
        await using var b = Start("b");
        await a.WriteAsync(SomeBatch.Prepared(1, "app"));
        await Should.ThrowAsync<BatchRefusedException>(() => b.WriteAsync(SomeBatch.Prepared(1, "app", "app")));
    }

    [Fact]
    public async Task ABatchThatAWorkerHasBegunWaitsForItWhileItRunsAndIsWrittenElsewhereWhenItIsGone()
    {
        var a = Start("a");
        await using var b = Start("b");
        _disk.Fault = operation => operation.Verb == StoreVerb.Write && operation.Path.Contains("a/app", StringComparison.Ordinal)
            ? new StoreFault(StoreFaultKind.NoSpace) : null;
        await Should.ThrowAsync<BatchNotWrittenException>(() => a.WriteAsync(SomeBatch.Prepared(1, "app")));
        (await Should.ThrowAsync<BatchNotWrittenException>(() =>
            b.WriteAsync(SomeBatch.Prepared(1, "app")))).Message.ShouldContain("worker a");
        Lines("b").ShouldBeEmpty();

        await a.DisposeAsync();
        await b.WriteAsync(SomeBatch.Prepared(1, "app"));
        Lines("b").ShouldBe([1]);

        // Back again, a finds that nothing of it is in its files and that b has written it.
        _disk.Fault = null;
        await using var again = Start("a");
        (await again.WriteAsync(SomeBatch.Prepared(1, "app"))).Worker.ShouldBe("b");
        SomeBatch.Files(_disk.Root.Directory("a")).Values.ShouldAllBe(text => text.Length == 0);
    }

    [Fact]
    public async Task ABatchDoesNotWaitForOneThatAnotherWorkerHas()
    {
        await using var a = Start("a");
        await using var b = Start("b");
        await a.WriteAsync(SomeBatch.Prepared(1, "app"));
        // On a clock that stands still nothing but the look at the other's ledger lets it go.
        var second = SomeBatch.Prepared(2, "app");
        await b.WriteAsync(second with { Previous = SomeBatch.Prepared(1, "app").Id });
        Lines("b").ShouldBe([2]);
    }
}
