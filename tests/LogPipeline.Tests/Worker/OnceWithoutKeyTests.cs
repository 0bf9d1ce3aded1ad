using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Temporalio.Client;
using TemporalDevServer;

namespace LogPipeline.Tests.Worker;

/// <summary>What <c>logworker --once</c> does about batches that it cannot read: it writes the others, and says what is missing.</summary>
public sealed class OnceWithoutKeyTests : IDisposable
{
    static readonly string Program = typeof(LogPipeline.Worker.Hosting.LogWorkerOptions).Assembly.Location;
    static readonly string Key = Convert.ToBase64String(new byte[32]);

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("k1", false, "Batches left in Temporal: 1; the key 'k1' is missing, add it to LOG_ENCRYPTION_KEYS")]
    [InlineData("k2 k1 k1", false, "Batches left in Temporal: 3; the keys 'k1', 'k2' are missing, add them to LOG_ENCRYPTION_KEYS")]
    [InlineData("", true, "Batches left in Temporal: 1; some can be read by nobody, see 'logworker dead-letters keep'")]
    [InlineData("k1", true, "Batches left in Temporal: 2; the key 'k1' is missing, add it to LOG_ENCRYPTION_KEYS; some can be read by "
        + "nobody, see 'logworker dead-letters keep'")]
    public async Task ItWritesTheOthersAndItsLastLineNamesTheKey(string keys, bool hasDamaged, string last)
    {
        await using var server = await DevServer.StartAsync();
        if (hasDamaged)
        {
            var client = await TemporalClient.ConnectAsync(new(server.Address));
            await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, ["no batch"],
                new WorkflowOptions("logs/once/i1/000000000001", PipelineDefaults.TaskQueue));
        }
        foreach (var key in keys.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            await SaysAsync(server, 0, ["send"], ("LOG_ENCRYPTION_KEYS", $"{key}:{Key}"));
        await SaysAsync(server, 0, ["send"]);

        var said = await SaysAsync(server, 1, ["--once"]);
        said.ShouldContain("Stopped: 1 batches, 1 records");
        said.ShouldNotContain("   at ", Case.Sensitive, said);
        said.Split('\n').Count(line => line.Contains("cannot be read", StringComparison.Ordinal)).ShouldBe(1, said);
        said.Trim().ShouldEndWith($"] {last}");
    }

    /// <summary>Where only what is encrypted is written, a batch that is not waits for a person too.</summary>
    [Fact]
    public async Task NorDoesItWaitForWhatIsNotEncryptedWhereThatIsRequired()
    {
        await using var server = await DevServer.StartAsync();
        await SaysAsync(server, 0, ["send"]);
        var said = await SaysAsync(server, 1, ["--once"], ("LOG_ENCRYPTION_KEYS", $"k1:{Key}"), ("LOG_ENCRYPTION_REQUIRED", "true"));
        said.Trim().ShouldEndWith("] Batches left in Temporal: 1; some can be read by nobody, see 'logworker dead-letters keep'");
    }

    async Task<string> SaysAsync(DevServer server, int exitCode, string[] arguments, params (string Name, string Value)[] more)
    {
        var environment = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = server.Address, ["LOG_DIRECTORY"] = _directory.File("logs"),
            ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"),
        };
        foreach (var (name, value) in more) environment[name] = value;
        await using var process = await ChildProcess.RunAsync("dotnet", [Program, .. arguments], environment, _directory.Path, "a line\n");
        process.ExitCode.ShouldBe(exitCode, process.Everything);
        return process.Output;
    }
}
