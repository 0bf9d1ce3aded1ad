using System.Text.Json;
using Google.Protobuf;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Converters;

namespace LogPipeline.EndToEnd;

/// <summary><c>--once</c>, <c>verify</c> and <c>dead-letters</c> as people run them, on the embedded server.</summary>
public sealed class OperatorCommandTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IDisposable
{
    readonly TempDirectory _directory = new();
    readonly string _queue = Some.Name("operator");

    public void Dispose() => _directory.Dispose();

    Task<ChildProcess> RunAsync(string[] arguments, string? input = null) =>
        WorkerProgram.RunAsync(arguments, new Dictionary<string, string>
    {
        ["TEMPORAL_ADDRESS"] = temporal.Address,
        ["LOG_TASK_QUEUE"] = _queue,
        ["LOG_DIRECTORY"] = _directory.File("logs"),
        ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"),
        ["LOG_SOURCE"] = _queue,
    }, input, TimeSpan.FromMinutes(2));

    async Task<string> SaysAsync(int exitCode, params string[] arguments)
    {
        var run = await RunAsync(arguments);
        run.ExitCode.ShouldBe(exitCode, run.Everything);
        return run.Output;
    }

    async Task<JsonElement> JsonAsync(int exitCode, params string[] arguments) =>
        JsonDocument.Parse(await SaysAsync(exitCode, [.. arguments, "--output", "json"])).RootElement;

    [Fact]
    public async Task WhatWaitsIsWrittenOnceAndVerifyFindsItCleanUntilSomebodyChangesIt()
    {
        Directory.CreateDirectory(_directory.File("logs"));
        var send = await RunAsync(["send", "--channel", "app"], string.Concat(Enumerable.Range(0, 1000).Select(i => $"line {i}\n")));
        send.ExitCode.ShouldBe(0, send.Everything);
        await SaysAsync(0, "--once");

        var clean = await JsonAsync(0, "verify");
        clean.GetProperty("records").GetInt64().ShouldBe(1000);
        (await SaysAsync(0, "verify")).ShouldContain("clean");
        var instance = WrittenRecord.ReadChannel(_directory.File("logs"), "app")[0].Instance;
        await File.WriteAllTextAsync(_directory.File("acks"), $"{_queue}/{instance}/1-1001\n");
        (await JsonAsync(1, "verify", "--acks", _directory.File("acks"))).GetProperty("lost").GetInt64().ShouldBe(1);

        await File.AppendAllTextAsync(Directory.GetFiles(_directory.File("logs", "app")).Single(), "graffiti\n");
        (await SaysAsync(1, "verify")).ShouldContain("1 corrupt");
        await SaysAsync(2, "verify", "--directory", _directory.File("nowhere"));
    }

    [Fact]
    public async Task APoisonRecordBecomesADeadLetterThatCanBeShownRetriedAndPurged()
    {
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var id = new BatchId(_queue, "i1", 1);
        var (handle, records) = await PoisonBatch.StartAsync(client, id, _queue);
        await SaysAsync(0, "--once");

        (await handle.GetResultAsync<WriteReceipt>()).DeadLettered.ShouldBe(1);
        WrittenRecord.CountLines(_directory.File("logs")).ShouldBe(2);
        (await JsonAsync(0, "verify")).GetProperty("deadLettered").GetInt64().ShouldBe(1);
        var letter = (await JsonAsync(0, "dead-letters", "list")).EnumerateArray().ShouldHaveSingleItem();
        var name = letter.GetProperty("name").GetString()!;
        letter.GetProperty("head").GetProperty("workflow").GetString().ShouldBe(id.ToString());
        (await SaysAsync(0, "dead-letters", "list")).ShouldContain("instance 'stranger'");
        (await SaysAsync(0, "dead-letters", "show", name)).ShouldContain("belongs to another batch");
        (await SaysAsync(0, "dead-letters", "show", name, "--raw")).ShouldBe(records[1]);

        // Nothing is done without being asked twice, nor to what is not there.
        (await SaysAsync(2, "dead-letters", "retry", "--all")).ShouldContain("would be sent");
        await SaysAsync(2, "dead-letters", "purge", "nobody", "--yes");
        File.Copy(Path.Combine(_directory.File("logs"), "dead-letters", name), _directory.File("kept"));
        (await SaysAsync(0, "dead-letters", "retry", name, "--yes")).ShouldContain("is sent as");
        await SaysAsync(0, "--once");
        WrittenRecord.CountLines(_directory.File("logs")).ShouldBe(3);
        await SaysAsync(0, "verify", "--shared");
        (await JsonAsync(0, "dead-letters", "list")).GetArrayLength().ShouldBe(0);

        File.Move(_directory.File("kept"), Path.Combine(_directory.File("logs"), "dead-letters", name));
        await SaysAsync(0, "dead-letters", "purge", "--all", "--yes");
        (await JsonAsync(0, "dead-letters", "list")).GetArrayLength().ShouldBe(0);
    }

    [Fact]
    public async Task ABatchWhoseKeyIsMissingBecomesADeadLetterByItselfAndIsWrittenOnceTheKeyIsThere()
    {
        static string Key(string id) => $"{id}:{Convert.ToBase64String(Encoding.UTF8.GetBytes(id.PadRight(32)))}";
        var environment = new Dictionary<string, string>
        {
            ["LOG_TASK_QUEUE"] = _queue, ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"),
            ["LOG_DIRECTORY"] = _directory.File("logs"), ["LOG_ENCRYPTION_KEYS"] = Key("k1"),
        };
        Directory.CreateDirectory(environment["LOG_DIRECTORY"]);
        var send = await WorkerProgram.RunAsync(["send", "--source", _queue], environment, "one\ntwo\n");
        send.ExitCode.ShouldBe(0, send.Everything);
        environment["LOG_ENCRYPTION_KEYS"] = Key("k2");
        environment["LOG_UNREADABLE_AFTER"] = "1s";
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        await Eventually.TrueAsync(async () => (await client.CountWorkflowsAsync($"TaskQueue = '{_queue}'")).Count == 1,
            TimeSpan.FromMinutes(1));
        // A person who means all of them does not mean it.
        await using (var keep = await WorkerProgram.RunAsync(["dead-letters", "keep", "--all"], environment))
            keep.ExitCode.ShouldBe(0, keep.Everything);

        await using (var worker = WorkerProgram.StartDaemon(temporal.Address, environment["LOG_DIRECTORY"], environment))
        {
            (await worker.LineAsync(line => line.Contains("cannot be read and has waited", StringComparison.Ordinal)))
                .ShouldContain("key 'k1'");
            (await client.CountWorkflowsAsync($"TaskQueue = '{_queue}' AND ExecutionStatus = 'Terminated'")).Count.ShouldBe(1);
            (await worker.StopAsync(TimeSpan.FromMinutes(1))).ShouldBeTrue();
        }
        environment["LOG_ENCRYPTION_KEYS"] = $"{Key("k2")},{Key("k1")}";
        await using var right = WorkerProgram.StartDaemon(temporal.Address, environment["LOG_DIRECTORY"], environment);
        await SaysAsync(0, "dead-letters", "retry", "--all", "--yes");
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(_directory.File("logs"))), lines =>
            lines == 2, TimeSpan.FromSeconds(30), explain: () => right.Everything);
        WrittenRecord.ReadChannel(_directory.File("logs"), "app").Select(record => (record.Sequence, record.Message))
            .ShouldBe([(1, "one"), (2, "two")]);
    }

    [Fact]
    public async Task ABatchThatNobodyCanReadBecomesADeadLetterAndIsWrittenWhenTheKeyIsPutRight()
    {
        var keys = new Dictionary<string, string> { ["LOG_TASK_QUEUE"] = _queue };
        string Key(byte b) => "k1:" + Convert.ToBase64String(Enumerable.Repeat(b, 32).ToArray());
        Directory.CreateDirectory(_directory.File("logs"));
        var send = await WorkerProgram.RunAsync(["send", "--source", _queue], new Dictionary<string, string>(keys)
        {
            ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"), ["LOG_ENCRYPTION_KEYS"] = Key(1),
        }, "one\ntwo\n");
        send.ExitCode.ShouldBe(0, send.Everything);
        var wrong = new Dictionary<string, string>(keys) { ["TEMPORAL_ADDRESS"] = temporal.Address,
            ["LOG_DIRECTORY"] = _directory.File("logs"), ["LOG_ENCRYPTION_KEYS"] = Key(2) };
        // Temporal lists a workflow a moment after its start. Nothing is done without being asked twice.
        await Eventually.TrueAsync(async () => await KeepAsync("--all") is { ExitCode: 2 } asked
            && asked.Everything.Contains("would be kept", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        (await KeepAsync("nobody", "--yes")).ExitCode.ShouldBe(2);
        var kept = await KeepAsync("--all", "--yes");
        kept.ExitCode.ShouldBe(0, kept.Everything);
        kept.Everything.ShouldContain("another key of this id");
        var letter = (await JsonAsync(0, "dead-letters", "list")).EnumerateArray().ShouldHaveSingleItem();
        var workflow = letter.GetProperty("head").GetProperty("workflow").GetString()!;
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        (await client.GetWorkflowHandle(workflow)
            .DescribeAsync()).Status.ShouldBe(Temporalio.Api.Enums.V1.WorkflowExecutionStatus.Terminated);

        await using var right = WorkerProgram.StartDaemon(temporal.Address, _directory.File("logs"),
            new Dictionary<string, string>(keys) { ["LOG_ENCRYPTION_KEYS"] = Key(1) });
        await SaysAsync(0, "dead-letters", "retry", "--all", "--yes");
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(_directory.File("logs"))), lines =>
            lines == 2, TimeSpan.FromSeconds(30), explain: () => right.Everything);
        WrittenRecord.ReadChannel(_directory.File("logs"), "app").Select(record => (record.Sequence, record.Message))
            .ShouldBe([(1, "one"), (2, "two")]);
        (await JsonAsync(0, "dead-letters", "list")).GetArrayLength().ShouldBe(0);

        async Task<ChildProcess> KeepAsync(params string[] arguments)
        {
            var run = await WorkerProgram.RunAsync(["dead-letters", "keep", .. arguments], wrong);
            run.Everything.ShouldNotContain(Key(1)[3..]);
            return run;
        }
    }
}
