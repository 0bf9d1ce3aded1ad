using System.Net;
using System.Net.Sockets;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Hosting;

namespace LogPipeline.Tests.Cli;

/// <summary>
/// What each verb ends with: 0 done, 1 failed, 2 usage, 78 configuration. In the rows TEMP is a directory with a dead letter in its logs;
/// port 1 is nobody's, and SERVER a Temporal that runs.
/// </summary>
public sealed class ExitCodeTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IDisposable
{
    const string Missing = "TEMPORAL_ADDRESS=SERVER TEMPORAL_NAMESPACE=missing";

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("--once", "LOG_FILE_BYTES_MAX=huge", 78)]
    [InlineData("--once", Missing, 1)]
    [InlineData("--once extra", "", 2)]
    [InlineData("--once --config TEMP/wrong.json", "", 78)]
    [InlineData("--once --config TEMP/nowhere.json", "", 78)]
    [InlineData("send TEMP/lines --config TEMP/unknown.json", "TEMPORAL_ADDRESS=SERVER", 78)]
    [InlineData("verify --config TEMP/unknown.json", "", 78)]
    [InlineData("test-temporal --config TEMP/unknown.json", "TEMPORAL_ADDRESS=SERVER", 78)]
    [InlineData("dead-letters list --config TEMP/wrong.json", "", 78)]
    [InlineData("config show", "", 0)]
    [InlineData("config show", "LOG_OPEN_FILES_MAX=many", 78)]
    [InlineData("config show --config TEMP/wrong.json", "", 78)]
    [InlineData("config show --config TEMP/lines", "", 78)]
    [InlineData("config show --output xml", "", 2)]
    [InlineData("config", "", 2)]
    [InlineData("server --config TEMP/wrong.json", "", 2)]
    [InlineData("send TEMP/nowhere", "", 2)]
    [InlineData("send TEMP/logs", "", 2)]
    [InlineData("send TEMP/lines --bogus", "", 2)]
    [InlineData("spool list --spool-directory TEMP/nowhere", "", 2)]
    [InlineData("spool list --spool-directory TEMP/lines", "", 2)]
    [InlineData("spool list", "LOG_SPOOL_DIRECTORY=TEMP/lines", 78)]
    [InlineData("send --follow TEMP/lines", "LOG_SPOOL_DIRECTORY=TEMP/lines", 78)]
    [InlineData("spool purge nobody", "", 2)]
    [InlineData("spool move nobody", "", 2)]
    [InlineData("send --level loud TEMP/lines", "", 2)]
    [InlineData("send --skip -1 TEMP/lines", "", 2)]
    [InlineData("send --multiline [ TEMP/lines", "", 2)]
    [InlineData("send --timestamp soon TEMP/lines", "", 2)]
    [InlineData("send --follow", "", 2)]
    [InlineData("send --follow TEMP/lines TEMP/lines", "", 2)]
    [InlineData("send --follow TEMP/logs", "", 2)]
    [InlineData("send --follow --skip 1 TEMP/lines", "", 2)]
    [InlineData("send --follow TEMP/lines", "LOG_DURABILITY=Memory", 78)]
    [InlineData("send TEMP/lines", "LOG_BUFFER_SIZE=none", 78)]
    [InlineData("send TEMP/lines", "LOG_SPOOL_BYTES_MAX=1", 78)]
    [InlineData("send TEMP/lines", "TEMPORAL_ADDRESS=SERVER", 0)]
    [InlineData("verify --directory TEMP/nowhere", "", 2)]
    [InlineData("verify --output xml", "", 2)]
    [InlineData("verify --acks TEMP/nowhere", "", 2)]
    [InlineData("verify --acks TEMP/lines", "", 2)]
    [InlineData("dead-letters", "", 2)]
    [InlineData("dead-letters list", "LOG_DEAD_LETTER_BYTES_MAX=none", 78)]
    [InlineData("dead-letters show LETTER", "", 0)]
    [InlineData("dead-letters show nobody", "", 2)]
    [InlineData("dead-letters show ../logs", "", 2)]
    [InlineData("dead-letters retry", "", 2)]
    [InlineData("dead-letters retry --all LETTER --yes", "", 2)]
    [InlineData("dead-letters retry nobody --yes", "", 2)]
    [InlineData("dead-letters retry --all --yes", "", 1)]
    [InlineData("dead-letters retry --all --yes", Missing, 1)]
    [InlineData("dead-letters purge --all", "", 2)]
    [InlineData("test-temporal", "", 1)]
    [InlineData("test-temporal", Missing, 1)]
    [InlineData("test-temporal", "TEMPORAL_ADDRESS=nowhere", 78)]
    [InlineData("server --port many", "", 2)]
    [InlineData("server --port TAKEN", "", 1)]
    public async Task AVerbEndsWithWhatItsHelpSaysAndEveryLetterStays(string arguments, string variables, int exitCode)
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var (header, array) = SomeBatch.Of(1, "app");
        var letter = BatchSalvage.Whole(header.Id.ToString(), header, array, "a reason", DateTimeOffset.UnixEpoch);
        var box = new DeadLetterBox(() => new PhysicalDirectory(_directory.File("logs", DeadLetterBox.DirectoryName)), 1 << 20);
        box.Write(letter);
        await File.WriteAllTextAsync(_directory.File("lines"), "one\ntwo\n");
        await File.WriteAllTextAsync(_directory.File("wrong.json"), """{ "files": { "openFilesMax": "many" } }""");
        await File.WriteAllTextAsync(_directory.File("unknown.json"), """{ "colour": "red" }""");
        string Filled(string text) =>
            text.Replace("TEMP/", _directory.Path + "/", StringComparison.Ordinal)
                .Replace("SERVER", temporal.Address, StringComparison.Ordinal)
            .Replace("LETTER", letter.Name, StringComparison.Ordinal)
            .Replace("TAKEN", $"{((IPEndPoint)other.LocalEndpoint).Port}", StringComparison.Ordinal);

        var environment = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = "127.0.0.1:1", ["LOG_DIRECTORY"] = _directory.File("logs"),
            ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"), ["LOG_TASK_QUEUE"] = Some.Name("exit"),
        };
        // The variable's name is not filled in: LETTER is a part of one.
        foreach (var variable in variables.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            environment[variable[..variable.IndexOf('=')]] = Filled(variable[(variable.IndexOf('=') + 1)..]);
        await using var process = await ChildProcess.RunAsync("dotnet",
            [typeof(LogPipeline.Worker.Hosting.LogWorkerOptions).Assembly.Location, .. arguments.Split(' ').Select(Filled)], environment,
            _directory.Path);

        process.ExitCode.ShouldBe(exitCode, process.Everything);
        // Whoever ends with anything else says why.
        if (exitCode != 0) process.Everything.ShouldNotBeEmpty();
        process.Everything.ShouldNotContain("   at ", Case.Sensitive, "A stack is no sentence.");
        box.List().ShouldHaveSingleItem().Problem.ShouldBeNull();
    }

    [Fact]
    public async Task OneLetterOfSeveralThatCannotBeReadStaysAndEndsTheRetryWithOne()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var letters = _directory.File("logs", DeadLetterBox.DirectoryName);
        var box = new DeadLetterBox(() => new PhysicalDirectory(letters), 1 << 20);
        box.Write(BatchSalvage.Whole(header.Id.ToString(), header, array, "a reason", DateTimeOffset.UnixEpoch));
        var damaged = "damaged" + DeadLetter.Extension;
        await File.WriteAllTextAsync(Path.Combine(letters, damaged), "no letter");
        await using var process = await ChildProcess.RunAsync("dotnet",
            [typeof(LogWorkerOptions).Assembly.Location, "dead-letters", "retry", "--all", "--yes"], new Dictionary<string, string>
            {
                ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_DIRECTORY"] = _directory.File("logs"),
                ["LOG_TASK_QUEUE"] = Some.Name("exit"),
            }, _directory.Path);

        process.ExitCode.ShouldBe(ExitCode.Failed, process.Everything);
        process.Output.ShouldContain("is sent as");
        process.Errors.ShouldNotBeEmpty();
        box.List().ShouldHaveSingleItem().Name.ShouldBe(damaged);
    }
}
