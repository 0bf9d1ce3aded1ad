using LogPipeline.TestSupport;
using LogPipeline.Tests.Codecs;
using LogPipeline.Workflows;
using Temporalio.Client;
using TemporalDevServer;

namespace LogPipeline.Tests.Options;

/// <summary>What a sink is told of the way to Temporal is where its batch is found, and how; audits are told it as well.</summary>
[Collection(ProcessEnvironment.Collection)]
public sealed class ConnectionOptionTests : IAsyncLifetime
{
    const string Other = "other";

    readonly TempDirectory _folder = new();
    DevServer? _server;

    public async Task InitializeAsync() => _server = await DevServer.StartAsync(new DevServerOptions { Namespaces = [Other] });

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("WriteTo")]
    [InlineData("AuditTo")]
    [InlineData("WriteTo in JSON")]
    [InlineData("AuditTo in JSON")]
    public async Task ABatchIsWhereItsOptionsSay(string way)
    {
        (await SentAsync(way, "default")).ShouldBe(("log-processing-queue", "json/plain", "app"));
        (await SentAsync(way, Other, ("Namespace", Other))).ShouldBe(("log-processing-queue", "json/plain", "app"));
        (await SentAsync(way, "default", ("TaskQueue", "queue"))).ShouldBe(("queue", "json/plain", "app"));
        (await SentAsync(way, "default", ("Channel", "mine"))).ShouldBe(("log-processing-queue", "json/plain", "mine"));
        (await SentAsync(way, "default", ("Codec.GzipBytesMin", "1"))).Encoding.ShouldBe("binary/gzip");
        (await SentAsync(way, "default", ("Codec.EncryptionKeys", $"k:{SomeKeys.Old}"))).Encoding.ShouldBe("binary/encrypted");
    }

    async Task<(string Queue, string Encoding, string? Channel)> SentAsync(
        string way, string @namespace, params (string Name, string Text)[] told)
    {
        var source = Some.Name("sent");
        var texts = new Dictionary<string, string>
        {
            ["Address"] = _server!.Address, ["Source"] = source, ["SpoolDirectory"] = _folder.File(source),
            ["Timeouts.Close"] = "00:00:30",
        };
        foreach (var (name, text) in told) texts[name] = text;
        var (sink, closing) = SinkWays.All[way](texts);
        // Long enough that compression is worth it.
        using (closing) sink.Emit(Publisher.SomeEvent.Of("{Text}", ("Text", new string('x', 1_000))));

        var client = await TemporalClient.ConnectAsync(new(_server.Address) { Namespace = @namespace });
        await foreach (var run in client.ListWorkflowsAsync($"WorkflowType = '{PipelineDefaults.WorkflowName}'"))
        {
            if (!BatchId.TryParse(run.Id, out var id) || id.Source != source) continue;
            var history = await client.GetWorkflowHandle(run.Id).FetchHistoryAsync();
            var records = history.Events.First().WorkflowExecutionStartedEventAttributes.Input.Payloads_[1];
            var encoding = records.Metadata["encoding"].ToStringUtf8();
            return (run.TaskQueue!, encoding, encoding == "json/plain" ? ChannelOf(records.Data.ToByteArray()) : null);
        }
        throw new InvalidOperationException($"{source} is not in {@namespace}: {sink.Stats}");
    }

    static string ChannelOf(byte[] records) =>
        System.Text.Json.JsonDocument.Parse(LogBatchRecords.Decode(records).Single()).RootElement.GetProperty("channel").GetString()!;
}
