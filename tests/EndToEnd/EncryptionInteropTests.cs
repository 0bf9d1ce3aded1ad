using System.Text.Json;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using LogPipeline.Workflows.Codecs;
using Temporalio.Client;

namespace LogPipeline.EndToEnd;

/// <summary>The official TypeScript SDK with the codec of Temporal's samples (tests/Interop/codec.js) at the other end.</summary>
public sealed class EncryptionInteropTests(TemporalServer temporal) : IClassFixture<TemporalServer>
{
    const string Keys = "test-key-id:dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdCE=";

    static void SkipIfMissing()
    {
        RealServers.SkipIfMissing();
        Skip.If(TypeScript.MissingBecause is not null, TypeScript.MissingBecause);
    }

    [SkippableFact]
    public async Task ABatchThatTheirClientEncryptedIsWrittenAndTheyReadTheReceipt()
    {
        SkipIfMissing();
        await TypeScript.InstallAsync();
        using var directory = new TempDirectory();
        await using var worker = WorkerProgram.StartDaemon(temporal.Address, directory.File("logs"),
            new Dictionary<string, string> { ["LOG_ENCRYPTION_KEYS"] = Keys });
        const string id = "logs/typescript/i1/000000000001";
        object header = new { version = 1, source = "typescript", instance = "i1", firstSequence = 1, lastSequence = 1,
            records = 1, bytes = 1, from = "2026-11-21T00:00:00Z", to = "2026-11-21T00:00:00Z",
            levels = new { info = 1 }, channels = new { app = 1 } };
        object[] records = [new Dictionary<string, object> { ["@t"] = "2026-11-21T00:00:00Z",
            ["@mt"] = "from TypeScript", ["level"] = "info", ["channel"] = "app", ["source"] = "typescript",
            ["instance"] = "i1", ["seq"] = 1 }];
        object[] requests =
        [
            new { @do = "start", id, type = "LogProcessingWorkflow", queue = "log-processing-queue", args = new[] { header, records } },
            new { @do = "result", id },
        ];
        var replies = (await TypeScript.RunScriptAsync(["client.js", temporal.Address], JsonSerializer.Serialize(requests))).Output;

        replies.ShouldContain("2026-", customMessage: worker.Everything);
        replies.ShouldContain(".clef");
        (await File.ReadAllTextAsync(Directory.GetFiles(directory.File("logs", "app")).Single())).ShouldContain("from TypeScript");
    }

    [SkippableFact]
    public async Task WhatWeEncryptTheirWorkerReadsAndWeReadItsAnswer()
    {
        SkipIfMissing();
        await TypeScript.InstallAsync();
        var queue = Some.Name("typescript");
        await using var worker = await TypeScript.StartWorkerAsync(temporal.Address, queue);
        var client = await TemporalClient.ConnectAsync(
            new(temporal.Address) { DataConverter = PipelineCodec.Converter(KeyRing.Parse(Keys), PipelineCodec.DefaultGzipBytesMin) });
        var said = await client.ExecuteWorkflowAsync<string>("Describe", ["a canary", 17], new($"{queue}-1", queue));
        said.ShouldContain("a canary");
        said.ShouldContain("17");
    }
}
