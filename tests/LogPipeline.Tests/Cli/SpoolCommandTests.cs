using System.Text.Json;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Publisher;
using LogPipeline.Worker.Cli;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Tests.Cli;

/// <summary>What an operator does with records that wait for a place that is no longer the right one.</summary>
public sealed class SpoolCommandTests : IDisposable
{
    static readonly SpoolDestination Wrong = new("tempral:7233", "default", "log-processing-queue", null);

    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatWaitsForAWrongAddressIsListedMovedAndThenGoesWithTheRest()
    {
        Leave(Wrong, 3);
        var listed = (await ListAsync()).ShouldHaveSingleItem();
        (listed.GetProperty("name").GetString(), listed.GetProperty("address").GetString(), listed.GetProperty("records").GetInt64(),
            listed.GetProperty("isOwn").GetBoolean()).ShouldBe((Wrong.DirectoryName, "tempral:7233", 3, false));

        (await RunAsync("move", Wrong.DirectoryName)).ShouldBe((0, $"{Wrong.DirectoryName}: 1 directory moved\n"));
        var moved = (await ListAsync()).ShouldHaveSingleItem();
        (moved.GetProperty("records").GetInt64(), moved.GetProperty("isOwn").GetBoolean()).ShouldBe((3, true));
    }

    [Fact]
    public async Task NothingIsRemovedUnlessItIsMeant()
    {
        Leave(Wrong, 3);
        (await RunAsync("purge", Wrong.DirectoryName)).Code.ShouldBe(2);
        (await ListAsync()).Count.ShouldBe(1);
        (await RunAsync("purge", Wrong.DirectoryName, "--yes")).ShouldBe((0, $"{Wrong.DirectoryName}: 1 directory removed\n"));
        (await RunAsync("list")).ShouldBe((0, $"Nothing lies in the spool {_folder.Path}.\n"));
    }

    [Theory]
    [InlineData("move")]
    [InlineData("purge", "--yes")]
    public async Task AFolderThatIsNotThereIsAnError(string verb, params string[] more) =>
        (await RunAsync([verb, "../elsewhere", .. more])).Code.ShouldBe(1);

    [Fact]
    public async Task WhatAProcessHasInUseStays()
    {
        using var running = Open(Wrong);
        (await RunAsync("purge", Wrong.DirectoryName, "--yes")).ShouldBe((1, $"{Wrong.DirectoryName}: 0 directories removed\n"));
    }

    async Task<List<JsonElement>> ListAsync() =>
        [.. JsonDocument.Parse((await RunAsync("list", "--output", "json")).Output).RootElement.EnumerateArray()];

    async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var output = new StringWriter();
        var code = await LogWorkerCommand.RunAsync(["spool", .. arguments, "--spool-directory", _folder.Path], output);
        return (code, output.ToString());
    }

    void Leave(SpoolDestination destination, int records)
    {
        using var earlier = Open(destination);
        earlier.Append(SomeQueued.Records(1, records, padding: 0), tried: null).Count.ShouldBe(records);
    }

    SpoolStore Open(SpoolDestination destination) => new(
        new SpoolRoot(new PhysicalDirectory(_folder.Path, isPrivate: true), destination, KeyRing.Empty, "orders"),
        new JournalName("orders", "20261121T080000-1"), "test", SomeFormatter.Of(new TemporalSinkOptions(), "20261121T080000-1"));
}
