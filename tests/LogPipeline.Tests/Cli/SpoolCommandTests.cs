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
    static readonly KeyRing Key = KeyRing.Parse($"old:{Convert.ToBase64String(new byte[32])}");
    static readonly SpoolDestination Encrypted = Wrong with { KeyId = "old" };

    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatWaitsForAWrongAddressIsListedMovedAndThenGoesWithTheRest()
    {
        Leave(Wrong, 3);
        var listed = (await ListAsync()).ShouldHaveSingleItem();
        (listed.GetProperty("name").GetString(), listed.GetProperty("address").GetString(), listed.GetProperty("records").GetInt64(),
            listed.GetProperty("isOwn").GetBoolean()).ShouldBe((Wrong.DirectoryName, "tempral:7233", 3, false));

        (await RunAsync("move", Wrong.DirectoryName)).ShouldBe((0, $"{Wrong.DirectoryName}: 3 records moved to {Own}\n"));
        var moved = (await ListAsync()).ShouldHaveSingleItem();
        (moved.GetProperty("records").GetInt64(), moved.GetProperty("isOwn").GetBoolean()).ShouldBe((3, true));
    }

    [Fact]
    public async Task NothingIsRemovedUnlessItIsMeant()
    {
        Leave(Wrong, 3);
        var (code, output) = await RunAsync("purge", Wrong.DirectoryName);
        code.ShouldBe(2);
        output.ShouldMatch($"^{Wrong.DirectoryName} \\(namespace default at tempral:7233, queue log-processing-queue, no key\\): "
            + "3 records wait; [1-9][0-9]+ bytes\\. .*would be removed for good\\.\n$");
        (await ListAsync()).Count.ShouldBe(1);
        (await RunAsync("purge", Wrong.DirectoryName, "--yes")).ShouldBe((0, $"{Wrong.DirectoryName}: 3 records removed\n"));
        (await RunAsync("list")).ShouldBe((0, $"Nothing lies in the spool {_folder.Path}.\n"));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("move", "NAME")]
    [InlineData("purge", "NAME")]
    public async Task ASpoolThatIsNotThereIsWrongUsageAndIsNotMade(params string[] arguments)
    {
        var nowhere = _folder.File("nowhere");
        (await LogWorkerCommand.RunAsync(["spool", .. arguments, "--spool-directory", nowhere], TextWriter.Null)).ShouldBe(2);
        Directory.Exists(nowhere).ShouldBeFalse();
    }

    [Theory]
    [InlineData("move")]
    [InlineData("purge")]
    [InlineData("purge", "--yes")]
    public async Task AFolderThatIsNotThereIsWrongUsage(string verb, params string[] more)
    {
        var (code, _, errors) = await ToldAsync([verb, "../elsewhere", .. more]);
        code.ShouldBe(2);
        errors.ShouldBe($"No folder '../elsewhere' is in the spool {_folder.Path}; 'logworker spool list' names them.\n");
    }

    [Fact]
    public async Task AFolderIsFoundAsAShellCompletesIt()
    {
        Leave(Wrong, 1);
        (await RunAsync("move", Wrong.DirectoryName + "/")).ShouldBe((0, $"{Wrong.DirectoryName}: 1 record moved to {Own}\n"));
    }

    [Fact]
    public async Task OnesOwnFolderIsNotMovedIntoItself()
    {
        Leave(Wrong, 3);
        await RunAsync("move", Wrong.DirectoryName);
        var before = Directory.GetDirectories(Path.Combine(_folder.Path, Own));
        var (code, output, errors) = await ToldAsync(["move", Own]);
        (code, output).ShouldBe((2, ""));
        errors.ShouldBe($"{Own} is this configuration's own folder: its applications send what waits there.\n");
        Directory.GetDirectories(Path.Combine(_folder.Path, Own)).ShouldBe(before);
    }

    [Fact]
    public async Task WhatIsEncryptedWithAKeyThatIsNotHereIsNotCountedAsNothing()
    {
        Leave(Encrypted, 3, Key);
        var name = Encrypted.DirectoryName;
        const string problem = "its records cannot be counted, the key 'old' is missing";
        var listed = (await ListAsync()).ShouldHaveSingleItem();
        listed.GetProperty("records").ValueKind.ShouldBe(JsonValueKind.Null);
        listed.GetProperty("missingKey").GetString().ShouldBe("old");
        (await RunAsync("list")).Output.ShouldContain($"{name}: {problem}");
        (await RunAsync("purge", name)).Output.ShouldContain($"key old): {problem}");
        var (code, output, errors) = await ToldAsync(["move", name]);
        (code, output).ShouldBe((1, ""));
        errors.ShouldStartWith($"{name} stays: It is encrypted with the key 'old'");
        (await RunAsync("purge", name, "--yes")).ShouldBe((0, $"{name}: records that cannot be counted removed\n"));
    }

    [Fact]
    public async Task OfAFolderEverythingIsMovedOrNothing()
    {
        // The key's records lie in the second directory.
        using (Open(Encrypted)) Leave(Encrypted, 3, Key);
        Leave(Encrypted, 2);
        (await RunAsync("move", Encrypted.DirectoryName)).Code.ShouldBe(1);
        (await ListAsync()).ShouldHaveSingleItem().GetProperty("isOwn").GetBoolean().ShouldBeFalse();
    }

    [Fact]
    public async Task WhatAProcessHasInUseStays()
    {
        using var running = Open(Wrong);
        (await RunAsync("purge", Wrong.DirectoryName, "--yes")).ShouldBe((1, $"{Wrong.DirectoryName}: 0 records removed\n"));
    }

    [Theory]
    [InlineData("purge", "2 records removed", "--yes")]
    [InlineData("move", "2 records moved")]
    public async Task WhereAProcessUsesSomeOfAFolderTheRestGoesAndItEndsWithOne(string verb, string done, params string[] more)
    {
        using var running = Open(Wrong);
        Leave(Wrong, 2);
        var (code, output) = await RunAsync([verb, Wrong.DirectoryName, .. more]);
        code.ShouldBe(1);
        output.ShouldStartWith($"{Wrong.DirectoryName}: {done}");
    }

    string Own => new SpoolInventory(new TemporalSinkOptions { SpoolDirectory = _folder.Path }).OwnFolder;

    async Task<List<JsonElement>> ListAsync() =>
        [.. JsonDocument.Parse((await RunAsync("list", "--output", "json")).Output).RootElement.EnumerateArray()];

    async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        var (code, output, _) = await ToldAsync(arguments);
        return (code, output);
    }

    async Task<(int Code, string Output, string Errors)> ToldAsync(string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await LogWorkerCommand.RunAsync(["spool", .. arguments, "--spool-directory", _folder.Path], output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    void Leave(SpoolDestination destination, int records, KeyRing? keys = null)
    {
        using var earlier = Open(destination, keys);
        earlier.Append(SomeQueued.Records(1, records, padding: 0), tried: null).Count.ShouldBe(records);
    }

    SpoolStore Open(SpoolDestination destination, KeyRing? keys = null) => new(
        new SpoolRoot(new PhysicalDirectory(_folder.Path, isPrivate: true), destination, keys ?? KeyRing.Empty, "orders"),
        new JournalName("orders", "20261121T080000-1"), "test",
        SomeFormatter.Of(new TemporalSinkOptions { Codec = { EncryptionKeys = keys ?? KeyRing.Empty } }, "20261121T080000-1"));
}
