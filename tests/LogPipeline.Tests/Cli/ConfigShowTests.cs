using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Hosting;

namespace LogPipeline.Tests.Cli;

/// <summary>What <c>logworker config show</c> tells, and that every verb reads the file it tells of.</summary>
public sealed class ConfigShowTests : IDisposable
{
    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task EachOptionIsShownWithWhatHoldsAndWhereItComesFrom()
    {
        Write("logworker.json", """
            { "files": { "openFilesMax": 7, "channelsMax": 9 }, "channels": { "web-shop": { "format": "json" } }, "directory": "logs" }
            """);
        Write("temporal.toml", """
            [profile.default]
            namespace = "from-toml"
            """);
        var shown =
            await ShownAsync([], ("LOG_CHANNELS_MAX", "11"), ("LOG_LEVEL", ""), ("TEMPORAL_CONFIG_FILE", _directory.File("temporal.toml")));
        shown.Select(option => option.Variable).ShouldBe(
            [.. WorkerOption.All.Select(option => option.Variable), "LOG_CHANNEL_WEB_SHOP_FORMAT", "TEMPORAL_CONFIG_FILE"]);
        (string, string?, string) Of(string variable) =>
            shown.Where(option => option.Variable == variable).Select(option => (option.Name, option.Value, option.From)).Single();
        Of("LOG_OPEN_FILES_MAX").ShouldBe(("files.openFilesMax", "7", "logworker.json"));
        Of("LOG_CHANNELS_MAX").ShouldBe(("files.channelsMax", "11", "LOG_CHANNELS_MAX"));
        Of("LOG_CHANNEL_WEB_SHOP_FORMAT").ShouldBe(("channels.web-shop.format", "json", "logworker.json"));
        Of("LOG_LEVEL").ShouldBe(("level", "Information", "default"));
        Of("LOG_HTTP_PORT").ShouldBe(("http.port", "8234, else any that is free", "default"));
        Of("TEMPORAL_NAMESPACE").ShouldBe(("temporal.namespace", "from-toml", "temporal.toml"));
    }

    [Fact]
    public async Task AFileThatIsNamedIsReadInPlaceOfTheOther()
    {
        Write("logworker.json", """{ "files": { "openFilesMax": 7 } }""");
        Write("other.json", """{ "files": { "channelsMax": 9 } }""");
        var shown = await ShownAsync(["--config", "other.json"]);
        shown.Single(option => option.Name == "files.openFilesMax").From.ShouldBe("default");
        shown.Single(option => option.Name == "files.channelsMax").From.ShouldBe("other.json");
    }

    [Fact]
    public async Task NoSecretIsShown()
    {
        var secrets = WorkerOption.All.Where(option => option.IsSecret).ToList();
        secrets.Count.ShouldBe(5);
        Write("logworker.json",
            """{ "codec": { "token": "hunter2" }, "loki": { "token": "hunter2", "url": "http://bob:hunter2@loki:3100" } }""");
        await using var process = await RunAsync(["config", "show"],
            [.. secrets.Where(option => option.Name is not ("codec.token" or "loki.token")).Select(option => (option.Variable, "hunter2")),
                ("TEMPORAL_API_KEY", "hunter2"), ("TEMPORAL_TLS_CLIENT_KEY_DATA", "hunter2"),
                ("TEMPORAL_GRPC_META_AUTHORIZATION", "hunter2")]);
        process.Everything.ShouldNotContain("hunter2");
        process.Output.Split(SettingsReport.Hidden).Length.ShouldBe(secrets.Count + 4 + 1);
        process.ExitCode.ShouldBe(78, "These are no keys.");
    }

    [Fact]
    public async Task WhatIsWrongIsToldBehindWhatThereIs()
    {
        Write("logworker.json", """{ "files": { "openFilesMax": "many\u001b[2J" } }""");
        await using var process = await RunAsync(["config", "show"]);
        process.Output.ShouldMatch(@"files\.openFilesMax +LOG_OPEN_FILES_MAX +many\?\[2J +logworker\.json");
        process.Errors.Trim().ShouldBe("logworker.json: files.openFilesMax was 'many?[2J'; use a whole number from 1 to 10000.");
        process.ExitCode.ShouldBe(78);
    }

    [Fact]
    public async Task TheVerbsReadTheFile()
    {
        Write("logworker.json", """{ "directory": "elsewhere", "temporal": { "address": "127.0.0.1:1", "taskQueue": "of-the-file" } }""");
        Write("line", "x\n");
        await using var worker = await RunAsync(["--once"]);
        worker.Output.ShouldContain("task queue of-the-file");
        worker.Output.ShouldContain("127.0.0.1:1 cannot be reached");
        Directory.Exists(_directory.File("elsewhere")).ShouldBeTrue();
        await using var verify = await RunAsync(["verify"]);
        verify.ExitCode.ShouldBe(0, verify.Everything);
        await using var test = await RunAsync(["test-temporal"]);
        test.Output.ShouldContain("Nothing answers at 127.0.0.1:1");
        await using var sent = await RunAsync(["send", "line"], ("LOG_CLOSE_TIMEOUT", "100ms"),
            ("LOG_SPOOL_DIRECTORY", _directory.File("spool")));
        sent.Everything.ShouldContain("127.0.0.1:1");
        await using var letters = await RunAsync(["dead-letters", "list"]);
        letters.ExitCode.ShouldBe(0, letters.Everything);
    }

    void Write(string name, string text) => File.WriteAllText(_directory.File(name), text);

    async Task<List<ShownOption>> ShownAsync(string[] arguments, params (string Name, string Value)[] variables)
    {
        await using var process = await RunAsync(["config", "show", "--output", "json", .. arguments], variables);
        process.ExitCode.ShouldBe(0, process.Everything);
        return JsonSerializer.Deserialize<List<ShownOption>>(process.Output)!;
    }

    Task<ChildProcess> RunAsync(string[] arguments, params (string Name, string Value)[] variables) =>
        ChildProcess.RunAsync("dotnet", [typeof(LogWorkerOptions).Assembly.Location, .. arguments],
            variables.ToDictionary(variable => variable.Name, variable => variable.Value), _directory.Path);
}
