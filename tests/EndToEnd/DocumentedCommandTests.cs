using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Google.Protobuf;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Converters;
using TemporalDevServer;

namespace LogPipeline.EndToEnd;

/// <summary>
/// The commands of the documents, run as they stand there. Only what a test must choose differs: ports, folders, the name of a
/// letter, and that what is built already is not built again. Of commands that build, test or measure the whole, only what they
/// name is looked for.
/// </summary>
public sealed partial class DocumentedCommandTests : IDisposable
{
    static readonly string Configuration =
        typeof(DocumentedCommandTests).Assembly.GetCustomAttribute<AssemblyConfigurationAttribute>()!.Configuration;

    /// <summary>How commands begin, and the test of them; the first one that fits holds.</summary>
    static readonly (string Begin, string Test)[] Runs =
    [
        ("dotnet run --project samples/Storefront", nameof(StorefrontTests.OneCommandRunsTheWholeWayAndEveryEventIsAccountedFor)),
        ("dotnet run --project ", nameof(TheFirstRunByHandWritesTheEventsOfTheQuickstart)),
        ("dotnet publish ", nameof(ThePublishedWorkerRunsAndFindsTheWay)),
        ("/opt/logworker/logworker ", nameof(ThePublishedWorkerRunsAndFindsTheWay)),
        ("logworker canary", nameof(CanaryTests.ACanaryComesThroughToLokiAndIsCountedNowhereElse)),
        ("logworker bench ", nameof(BenchTests.ABenchMeasuresAndWhatItWroteIsRemovedByTheCommandThatItTells)),
        ("logworker send ", nameof(TheCommandsOfSendTakeEveryLine)),
        ("logworker tail", nameof(TheCommandsOfTailShowRecords)),
        ("logworker top", nameof(TheCommandsOfTopShowTheWorker)),
        ("logworker dead-letters ", nameof(TheCommandsOfDeadLettersDoWhatTheySay)),
        ("loki ", nameof(TheShippersTakeTheirConfigurations)),
        ("promtail ", nameof(TheShippersTakeTheirConfigurations)),
        ("export LOG_ENCRYPTION_KEYS=", nameof(TheKeyThatIsMadeIsTaken)),
        ("temporal ", nameof(EncryptionTests.TemporalsCommandLineReadsABatchThroughTheWorkersEndpoint)),
        ("dotnet add reference ", nameof(TheProjectThatIsReferencedIsThere)),
        ("dotnet build ", nameof(WhatIsBuiltAndTestedIsThere)),
        ("dotnet test ", nameof(WhatIsBuiltAndTestedIsThere)),
        ("LOGPIPELINE_", nameof(WhatIsBuiltAndTestedIsThere)),
        ("dotnet run -c Release --project bench/", nameof(TheBenchmarkIsThere)),
        (".ci/mutation ", nameof(TheFolderThatIsMutatedIsThere)),
    ];

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void EveryCommandHasATest()
    {
        var commands = DocumentedCommands.All().ToList();
        commands.Count.ShouldBeGreaterThan(20);
        commands.Where(found => !Runs.Any(run => found.Command.StartsWith(run.Begin, StringComparison.Ordinal)))
            .ShouldBeEmpty("No test is of these.");
        Runs.Where(run => !commands.Any(found => found.Command.StartsWith(run.Begin, StringComparison.Ordinal)))
            .ShouldBeEmpty("No document has these any more.");
    }

    [Fact]
    public async Task TheFirstRunByHandWritesTheEventsOfTheQuickstart()
    {
        var port = FreePort.Next();
        var commands = DocumentedCommands.Of("docs/operating.md", "dotnet run --project ");
        commands.Count.ShouldBe(3);
        await using var server = Start($"{commands[0]} --port {port}", port);
        await using var worker = Start(commands[1], port);
        try
        {
            await Eventually.TrueAsync(() => LocalPort.IsOpenAsync(port), TimeSpan.FromMinutes(1), explain: () => server.Everything);
            await using var quickstart = Start(commands[2], port);
            await quickstart.EndAsync(TimeSpan.FromMinutes(1));
            quickstart.ExitCode.ShouldBe(0, quickstart.Everything);
            await Eventually.TrueAsync(() => Task.FromResult(WrittenRecord.CountLines(_directory.File("logs")) == 3),
                TimeSpan.FromMinutes(1), explain: () => worker.Everything);
        }
        finally
        {
            // A kill would end `dotnet run` alone, and not what it runs.
            worker.Terminate();
            await worker.EndAsync(TimeSpan.FromMinutes(1));
            server.Terminate();
            await server.EndAsync(TimeSpan.FromMinutes(1));
        }
        WrittenRecord.ReadChannel(_directory.File("logs"), "app").Count.ShouldBe(2);
        WrittenRecord.ReadChannel(_directory.File("logs"), "payments").Count.ShouldBe(1);
    }

    [Fact]
    public async Task ThePublishedWorkerRunsAndFindsTheWay()
    {
        await using var server = await DevServer.StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = server.Address, ["LOG_DIRECTORY"] = _directory.File("logs"),
            ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"),
        };
        var publish = DocumentedCommands.Of("docs/operating.md", "dotnet publish ").ShouldHaveSingleItem();
        string[] words = Moved(publish).Split(' ');
        words[2] = Repository.PathOf(words[2]);
        words[4] = Configuration;
        await using (var published = await ChildProcess.RunAsync("dotnet", [.. words[1..], "--no-build"], waitMax: TimeSpan.FromMinutes(3)))
            published.ExitCode.ShouldBe(0, published.Everything);

        var commands = DocumentedCommands.Of("docs/operating.md", "/opt/logworker/logworker ").Select(Moved).ToList();
        commands.Count.ShouldBe(3);
        await using var worker = ChildProcess.Start(Program(commands[^1]), Arguments(commands[^1]), environment);
        await worker.LineAsync(line => line.Contains("Connected", StringComparison.Ordinal));
        foreach (var command in commands[..^1])
        {
            await using var run = await ChildProcess.RunAsync(Program(command), Arguments(command), environment);
            run.ExitCode.ShouldBe(0, run.Everything);
        }
        worker.Terminate();
        await worker.EndAsync();
        worker.ExitCode.ShouldBe(0, worker.Everything);

        string Moved(string command) => command.Replace("/opt/logworker", _directory.File("published"), StringComparison.Ordinal);
        static string Program(string command) => command.Split(' ')[0];
        static string[] Arguments(string command) => command.Split(' ')[1..];
    }

    [Fact]
    public async Task TheCommandsOfDeadLettersDoWhatTheySay()
    {
        await using var server = await DevServer.StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = server.Address, ["LOG_DIRECTORY"] = _directory.File("logs"),
            ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"),
        };
        var client = await TemporalClient.ConnectAsync(new(server.Address));
        foreach (var instance in (string[])["i1", "i2"])
            await PoisonBatch.StartAsync(client, new BatchId("documents", instance, 1), PipelineDefaults.TaskQueue);
        await using (var once = await WorkerProgram.RunAsync(["--once"], environment)) once.ExitCode.ShouldBe(0, once.Everything);
        var unreadable = new BatchId("documents", "i3", 1).ToString();
        await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, ["no header"],
            new WorkflowOptions(unreadable, PipelineDefaults.TaskQueue));
        foreach (var command in DocumentedCommands.Of("docs/operating.md", "logworker dead-letters "))
        {
            // Each that needs a letter gets one that is there.
            await using var list = await WorkerProgram.RunAsync(["dead-letters", "list", "--output", "json"], environment);
            var names = JsonDocument.Parse(list.Output).RootElement.EnumerateArray()
                .Select(letter => letter.GetProperty("name").GetString());
            var words = command.Replace("...", "", StringComparison.Ordinal)
                .Replace("NAME", names.FirstOrDefault(), StringComparison.Ordinal)
                .Replace("WORKFLOW", unreadable, StringComparison.Ordinal).Split(' ')[1..];
            await using var run = await WorkerProgram.RunAsync(words, environment);
            run.ExitCode.ShouldBe(0, $"{command}\n{run.Everything}");
        }
    }

    [Fact]
    public async Task TheCommandsOfSendTakeEveryLine()
    {
        await using var server = await DevServer.StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = server.Address, ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"),
        };
        foreach (var name in (string[])["app.log", "other.log"])
            await File.WriteAllTextAsync(_directory.File(name), "one\ntwo\n");
        var client = await TemporalClient.ConnectAsync(new(server.Address));
        foreach (var command in DocumentedCommands.Of("docs/operating.md", "logworker send "))
        {
            var before = (await client.CountWorkflowsAsync("")).Count;
            var words = command.Replace("/var/log/app/app.log", _directory.File("app.log"), StringComparison.Ordinal).Split(' ')[1..];
            await using var send = ChildProcess.Start("dotnet", [WorkerProgram.Path, .. words], environment, _directory.Path);
            if (words.Contains("--follow"))
            {
                await Eventually.TrueAsync(async () => (await client.CountWorkflowsAsync("")).Count > before, TimeSpan.FromMinutes(1));
                send.Terminate();
            }
            await send.EndAsync(TimeSpan.FromMinutes(1));
            send.ExitCode.ShouldBe(0, $"{command}\n{send.Everything}");
            send.Output.ShouldContain(words.Contains("--follow") ? "2 lines" : "4 lines");
        }
    }

    [Fact]
    public async Task TheCommandsOfTopShowTheWorker()
    {
        var environment = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = "127.0.0.1:1", ["LOG_DIRECTORY"] = _directory.File("logs"), ["LOG_HTTP_PORT"] = $"{FreePort.Next()}",
        };
        await using var worker = ChildProcess.Start("dotnet", [WorkerProgram.Path, "--daemon"], environment, _directory.Path);
        await worker.LineAsync(line => line.Contains("cannot be reached", StringComparison.Ordinal));
        var commands = DocumentedCommands.Of("docs/command-line.md", "logworker top");
        commands.Count.ShouldBe(2);
        foreach (var command in commands)
        {
            await using var top = await ChildProcess.RunAsync("dotnet", [WorkerProgram.Path, .. command.Split(' ')[1..]], environment,
                _directory.Path);
            top.ExitCode.ShouldBe(0, $"{command}\n{top.Everything}");
            top.Output.ShouldContain("Temporal   not reached at 127.0.0.1:1");
        }
    }

    [Fact]
    public async Task TheCommandsOfTailShowRecords()
    {
        var environment = new Dictionary<string, string> { ["LOG_DIRECTORY"] = _directory.File("logs") };
        foreach (var channel in (string[])["app", "payments"])
        {
            Directory.CreateDirectory(_directory.File("logs", channel));
            await File.WriteAllTextAsync(_directory.File("logs", channel, "2026-11-21.001.clef"),
                $$"""{"@t":"{{DateTimeOffset.UtcNow:O}}","@m":"Card was declined","level":"warning","OrderId":4712}""" + "\n");
        }
        var commands = DocumentedCommands.Of("docs/command-line.md", "logworker tail");
        commands.Count.ShouldBeGreaterThan(3);
        foreach (var command in commands)
        {
            var words = command.Split(' ')[1..];
            await using var tail = ChildProcess.Start("dotnet", [WorkerProgram.Path, .. words], environment, _directory.Path);
            await tail.LineAsync(line => line.Contains("Card was declined", StringComparison.Ordinal));
            if (command.Contains("--follow", StringComparison.Ordinal)) tail.Terminate();
            await tail.EndAsync(TimeSpan.FromMinutes(1));
            tail.ExitCode.ShouldBe(0, $"{command}\n{tail.Everything}");
        }
    }

    [SkippableFact]
    public async Task TheShippersTakeTheirConfigurations()
    {
        RealServers.SkipIfMissing();
        foreach (var (page, command) in DocumentedCommands.All())
        {
            var words = command.Split(' ');
            var (program, check) = words[0] switch
            {
                "loki" => (RealServers.Loki, "-verify-config"),
                "promtail" => (RealServers.Promtail, "-check-syntax"),
                _ => (null, ""),
            };
            if (program is null) continue;
            await using var run = await ChildProcess.RunAsync(program, [.. words[1..], check], directory: Repository.Root);
            run.ExitCode.ShouldBe(0, $"{page}: {command}\n{run.Everything}");
        }
    }

    [Fact]
    public async Task TheKeyThatIsMadeIsTaken()
    {
        await using var server = await DevServer.StartAsync();
        var command = DocumentedCommands.Of("docs/configuration.md", "export LOG_ENCRYPTION_KEYS=").ShouldHaveSingleItem();
        await using var run = await ChildProcess.RunAsync("bash", ["-c", $"{command}; exec dotnet {WorkerProgram.Path} send"],
            new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = server.Address, ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool") },
            input: "secret\n");
        run.ExitCode.ShouldBe(0, run.Everything);
        run.Output.ShouldContain("accepted by Temporal  1");
    }

    [Fact]
    public void TheProjectThatIsReferencedIsThere()
    {
        var command = DocumentedCommands.Of("README.md", "dotnet add reference ").ShouldHaveSingleItem();
        File.Exists(Repository.PathOf(command.Split(' ')[^1])).ShouldBeTrue(command);
    }

    /// <summary>The commands themselves are what runs this test; what they name must be there.</summary>
    [Fact]
    public void WhatIsBuiltAndTestedIsThere()
    {
        var sources =
            string.Concat(Directory.GetFiles(Repository.PathOf("tests"), "*.cs", SearchOption.AllDirectories).Select(File.ReadAllText));
        foreach (var (_, command) in DocumentedCommands.All().Where(found => Built().IsMatch(found.Command)))
        {
            var target = Built().Match(command).Groups["target"].Value;
            (File.Exists(Repository.PathOf(target)) || Directory.Exists(Repository.PathOf(target))).ShouldBeTrue(command);
            foreach (var name in Filter().Match(command).Groups["names"].Value.Split('|', StringSplitOptions.RemoveEmptyEntries))
                sources.ShouldContain(name.Replace("FullyQualifiedName~", "", StringComparison.Ordinal), Case.Sensitive, command);
        }
    }

    [Fact]
    public void TheBenchmarkIsThere()
    {
        var program = File.ReadAllText(Repository.PathOf("bench", "LogPipeline.Benchmarks", "Program.cs"));
        foreach (var (_, command) in DocumentedCommands.All()
            .Where(found => found.Command.Contains("--project bench/", StringComparison.Ordinal)))
            program.ShouldContain($"[\"{command.Split(" -- ")[1].Split(' ')[0]}\",", Case.Sensitive, command);
    }

    [Fact]
    public void TheFolderThatIsMutatedIsThere()
    {
        foreach (var (_, command) in DocumentedCommands.All()
            .Where(found => found.Command.StartsWith(".ci/mutation ", StringComparison.Ordinal)))
            File.ReadAllText(Repository.PathOf(".ci", "mutation")).ShouldContain(command.Split(' ')[1], Case.Sensitive, command);
    }

    ChildProcess Start(string command, int port)
    {
        var words = command.Split(' ');
        words[3] = Repository.PathOf(words[3]);
        return ChildProcess.Start("dotnet", ["run", "--no-build", "-c", Configuration, .. words[2..]],
            new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = $"127.0.0.1:{port}",
                ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool") }, _directory.Path);
    }

    [GeneratedRegex(@"^(?:[A-Z_]+=1 )?dotnet (?:build|test) (?<target>\S+)")]
    private static partial Regex Built();

    [GeneratedRegex("--filter \"?(?<names>[^\" ]+)")]
    private static partial Regex Filter();
}
