using Google.Protobuf;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Connecting;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Converters;

namespace LogPipeline.Tests.Codecs;

/// <summary>With keys the messages of failures are encrypted in Temporal, and readable in the worker's own log.</summary>
public sealed class FailureLogTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IDisposable
{
    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""Failing failure="Failure { message: \"Encoded failure\", x: \"a\\\"b\" }", run_id="1" """, true)]
    [InlineData("""Failing failure="Failure { message: \"No disk\" }", run_id="1" """, false)]
    public void OnlyWhatIsEncryptedIsLeftOut(string line, bool isCut)
    {
        var readable = CoreLogger.Readable(line);
        readable.ShouldEndWith("run_id=\"1\" ");
        readable.Contains("says what failed", StringComparison.Ordinal).ShouldBe(isCut);
        if (!isCut) readable.ShouldBe(line);
    }

    [Fact]
    public async Task TheWorkersLogSaysWhatFailed()
    {
        var queue = Some.Name("failures");
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        await using var worker = ChildProcess.Start("dotnet", [typeof(LogWorkerOptions).Assembly.Location, "--daemon"],
            new Dictionary<string, string>
            {
                ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_TASK_QUEUE"] = queue,
                ["LOG_ENCRYPTION_KEYS"] = $"k1:{SomeKeys.Old}", ["LOG_DIRECTORY"] = _folder.File("logs"),
            }, _folder.Path);
        var id = new BatchId(queue, "i1", 1);
        var text = new RawValue(new Payload
        {
            Data = ByteString.CopyFromUtf8("\"no header\""),
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
        });
        await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [text, text],
            new WorkflowOptions(id.ToString(), queue));
        await worker.LineAsync(line => line.Contains("could not be converted to", StringComparison.Ordinal));
        var core = await worker.LineAsync(line => line.Contains("Failing workflow task", StringComparison.Ordinal));
        core.ShouldContain("the package's line before says what failed");
        core.ShouldContain("run_id=");
        worker.Everything.ShouldNotContain("Encoded failure");
    }
}
