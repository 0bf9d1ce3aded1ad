using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Options;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.DeadLetters;
using Serilog.Debugging;

namespace LogPipeline.Tests.Cli;

/// <summary>
/// Each verb's ways to end that <see cref="ExitCodeTests"/> has not, within this process: 0 done, 1 failed, 2 usage, 78 configuration.
/// In the rows TEMP is a directory with a letter that is whole and one that is damaged in its logs, port 1 is nobody's, SERVER is a
/// Temporal that runs.
/// </summary>
[Collection(ProcessEnvironment.Collection)]
public sealed class EachVerbTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IDisposable
{
    const string Missing = "TEMPORAL_ADDRESS=SERVER TEMPORAL_NAMESPACE=missing";
    const string Small = "LOG_SPOOL_BYTES_MAX=64KiB LOG_EVENT_BYTES_MAX=16KiB LOG_BACK_PRESSURE=0 LOG_CLOSE_TIMEOUT=0";

    readonly TempDirectory _directory = new();
    readonly ProcessEnvironment _environment = new();

    public void Dispose()
    {
        SelfLog.Disable();
        _environment.Dispose();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("--nope", "", 2)]
    [InlineData("nope", "", 2)]
    [InlineData("--config", "", 2)]
    [InlineData("--once --config TEMP/unknown.json", "", 78)]
    [InlineData("--daemon --config TEMP/unknown.json", "", 78)]
    [InlineData("--daemon --config TEMP/nowhere.json", "", 78)]
    [InlineData("--daemon", "LOG_DIRECTORY=TEMP/lines/logs", 1)]
    [InlineData("--once", "LOG_DIRECTORY=TEMP/lines/logs", 1)]
    [InlineData("", "LOG_DIRECTORY=TEMP/lines/logs", 1)]
    [InlineData("", "LOG_CHANNELS_MAX=none", 78)]
    [InlineData("send TEMP/lines TEMP/nowhere", "", 2)]
    [InlineData("send --nope", "", 2)]
    [InlineData("send TEMP/lines", "LOG_CLOSE_TIMEOUT=0", 1)]
    [InlineData("send TEMP/lines", "LOG_CLOSE_TIMEOUT=0 LOG_SAMPLE_INFORMATION=1000", 1)]
    [InlineData("send TEMP/many", Small, 1)]
    [InlineData("send TEMP/lines --spool-directory TEMP/lines/spool", "", 2)]
    [InlineData("send TEMP/lines --source a/b", "", 2)]
    [InlineData("send TEMP/lines", "LOG_FALLBACK=Spol", 78)]
    [InlineData("verify --directory TEMP/empty", "", 0)]
    [InlineData("verify", "LOG_DIRECTORY=TEMP/nowhere", 2)]
    [InlineData("verify --directory TEMP/empty TEMP/nowhere", "", 2)]
    [InlineData("verify --directory TEMP/empty --config TEMP/wrong.json", "", 0)]
    [InlineData("verify --directory TEMP/empty --config TEMP/nowhere.json", "", 78)]
    [InlineData("verify --directory TEMP/empty --acks TEMP/acks", "", 1)]
    [InlineData("verify --nope", "", 2)]
    [InlineData("dead-letters nope", "", 2)]
    [InlineData("dead-letters list", "", 0)]
    [InlineData("dead-letters list", "LOG_DIRECTORY=TEMP/empty", 0)]
    [InlineData("dead-letters list --output xml", "", 2)]
    [InlineData("dead-letters show", "", 2)]
    [InlineData("dead-letters show DAMAGED", "", 1)]
    [InlineData("dead-letters show LETTER", "LOG_DEAD_LETTER_DIRECTORY=TEMP/empty", 2)]
    [InlineData("dead-letters show LETTER", "LOG_LEVEL=loud", 78)]
    [InlineData("dead-letters show LETTER --output json", "", 0)]
    [InlineData("dead-letters retry LETTER", "", 2)]
    [InlineData("dead-letters retry --all", "", 2)]
    [InlineData("dead-letters retry LETTER --yes", "", 1)]
    [InlineData("dead-letters retry LETTER --yes", "TEMPORAL_ADDRESS=nowhere", 78)]
    [InlineData("dead-letters retry LETTER --yes", "LOG_LEVEL=loud", 78)]
    [InlineData("dead-letters retry DAMAGED --yes", "TEMPORAL_ADDRESS=SERVER", 1)]
    [InlineData("dead-letters retry --all --yes", "LOG_DIRECTORY=TEMP/empty", 0)]
    [InlineData("dead-letters purge", "", 2)]
    [InlineData("dead-letters purge LETTER", "", 2)]
    [InlineData("dead-letters purge nobody --yes", "", 2)]
    [InlineData("dead-letters purge LETTER nobody --yes", "", 2)]
    [InlineData("dead-letters purge --all LETTER --yes", "", 2)]
    [InlineData("dead-letters purge --all --yes", "LOG_LEVEL=loud", 78)]
    [InlineData("dead-letters purge --all --yes", "LOG_DIRECTORY=TEMP/empty", 0)]
    [InlineData("dead-letters keep", "", 2)]
    [InlineData("dead-letters keep --all one --yes", "", 2)]
    [InlineData("dead-letters keep --all", "", 1)]
    [InlineData("dead-letters keep --all --yes", "", 1)]
    [InlineData("dead-letters keep --all --yes", Missing, 1)]
    [InlineData("dead-letters keep --all --yes", "LOG_LEVEL=loud", 78)]
    [InlineData("dead-letters keep --all --yes", "TEMPORAL_ADDRESS=SERVER", 0)]
    [InlineData("dead-letters keep --all", "TEMPORAL_ADDRESS=SERVER", 0)]
    [InlineData("dead-letters keep nobody --yes", "TEMPORAL_ADDRESS=SERVER", 2)]
    [InlineData("dead-letters keep nobody", "TEMPORAL_ADDRESS=SERVER", 2)]
    [InlineData("config show --config TEMP/unknown.json", "", 78)]
    [InlineData("config show --config TEMP/nowhere.json", "", 78)]
    [InlineData("config show --output json", "LOG_LEVEL=loud", 78)]
    [InlineData("config show extra", "", 2)]
    [InlineData("config nope", "", 2)]
    [InlineData("test-temporal", "TEMPORAL_ADDRESS=SERVER", 1)]
    [InlineData("test-temporal", "LOG_ENCRYPTION_KEYS=k:none", 78)]
    [InlineData("test-temporal", "LOG_GZIP_BYTES_MIN=none", 78)]
    [InlineData("test-temporal extra", "", 2)]
    [InlineData("doctor", "TEMPORAL_ADDRESS=SERVER", 1)]
    [InlineData("doctor --json", "LOG_LEVEL=loud", 78)]
    [InlineData("doctor --config TEMP/nowhere.json", "", 78)]
    [InlineData("doctor extra", "", 2)]
    [InlineData("bench --records 99", "", 2)]
    [InlineData("bench --records many", "", 2)]
    [InlineData("bench", "LOG_LEVEL=loud", 78)]
    [InlineData("bench", "TEMPORAL_ADDRESS=SERVER", 1)]
    [InlineData("canary", "", 1)]
    [InlineData("canary", "LOG_CANARY_INTERVAL=100ms", 78)]
    [InlineData("canary --output xml", "", 2)]
    [InlineData("server --nope", "", 2)]
    [InlineData("server --ip nowhere", "", 78)]
    [InlineData("server --ip 0.0.0.0", "", 78)]
    [InlineData("server --db-filename TEMP/lines/journal --port 0", "", 1)]
    public async Task AVerbEndsWithWhatItsHelpSays(string arguments, string variables, int exitCode)
    {
        var names = await FillAsync();
        _environment.Set("TEMPORAL_ADDRESS", "127.0.0.1:1");
        _environment.Set("TEMPORAL_CONFIG_FILE", _directory.File("nowhere.toml"));
        _environment.Set("LOG_DIRECTORY", _directory.File("logs"));
        _environment.Set("LOG_SPOOL_DIRECTORY", _directory.File("spool"));
        _environment.Set("LOG_TASK_QUEUE", Some.Name("verb"));
        // The variable's name is not filled in: LETTER is a part of one.
        foreach (var variable in variables.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            _environment.Set(variable[..variable.IndexOf('=')], Filled(variable[(variable.IndexOf('=') + 1)..], names));

        (await LogWorkerCommand.RunAsync([.. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => Filled(one, names))],
            TextWriter.Null)).ShouldBe(exitCode);
        Directory.GetFiles(_directory.File("logs", DeadLetterBox.DirectoryName)).Length.ShouldBe(2, "Every letter stays.");
    }

    async Task<(string Letter, string Damaged)> FillAsync()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var letter = BatchSalvage.Whole(header.Id.ToString(), header, array, "a reason", DateTimeOffset.UnixEpoch);
        var (other, records) = SomeBatch.Of(2, "app");
        var damaged = BatchSalvage.Whole(other.Id.ToString(), other, records, "a reason", DateTimeOffset.UnixEpoch);
        var box = new DeadLetterBox(() => new PhysicalDirectory(_directory.File("logs", DeadLetterBox.DirectoryName)), 1 << 20);
        box.Write(letter);
        box.Write(damaged);
        await File.WriteAllTextAsync(_directory.File("logs", DeadLetterBox.DirectoryName, damaged.Name), "no letter");
        Directory.CreateDirectory(_directory.File("empty"));
        await File.WriteAllTextAsync(_directory.File("lines"), "one\ntwo\n");
        await File.WriteAllLinesAsync(_directory.File("many"), Enumerable.Repeat(new string('x', 10_000), 50));
        await File.WriteAllTextAsync(_directory.File("acks"), "source/20261121T080000-2a7ee677/1-3\n");
        await File.WriteAllTextAsync(_directory.File("wrong.json"), """{ "files": { "openFilesMax": "many" } }""");
        await File.WriteAllTextAsync(_directory.File("unknown.json"), """{ "colour": "red" }""");
        return (letter.Name, damaged.Name);
    }

    string Filled(string text, (string Letter, string Damaged) names) =>
        text.Replace("TEMP/", _directory.Path + "/", StringComparison.Ordinal)
            .Replace("SERVER", temporal.Address, StringComparison.Ordinal)
            .Replace("LETTER", names.Letter, StringComparison.Ordinal)
            .Replace("DAMAGED", names.Damaged, StringComparison.Ordinal);
}
