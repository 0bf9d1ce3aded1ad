using System.Net;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace TemporalDevServer.Tests.Host;

/// <summary>One caller's requests, and what others get meanwhile.</summary>
public sealed class HeldServerTests
{
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task WhoHasNoKeyIsRefusedBeforeTheRequestIsRead()
    {
        await using var server = await DevServer.StartAsync(new DevServerOptions { ApiKey = "the-key" });
        using var http = new HttpClient();
        using var half = new HalfSent();
        using var request = Request(server, half);

        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)
            .WaitAsync(WaitMax);

        answer.Headers.GetValues("grpc-status").ShouldBe(["16"]);
    }

    [Fact]
    public async Task HalfSentRequestsAreRefusedWhenTheyHoldTheBudgetAndOthersAreAnswered()
    {
        await using var server = await DevServer.StartAsync();
        using var http = new HttpClient();
        HalfSent[] halves = [.. Enumerable.Range(0, 80).Select(_ => new HalfSent())];
        var answers = halves.Select(half =>
            http.SendAsync(Request(server, half), HttpCompletionOption.ResponseHeadersRead)).ToArray();
        // 80 of 4 MB are more than 256 MiB: the first that finds no room is refused, though none was sent whole.
        using var refused = await (await Task.WhenAny(answers).WaitAsync(WaitMax));
        refused.Headers.GetValues("grpc-status").ShouldBe(["8"]);

        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        (await client.CountWorkflowsAsync("")).Count.ShouldBe(0);
        foreach (var half in halves) half.Dispose();
    }

    [Fact]
    public async Task ARefusalRepeatsNoMoreThanAHeaderHolds()
    {
        await using var server = await DevServer.StartAsync();
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        var query = $"WorkflowId = 'a' '{new string('x', 60_000)}'";
        var refused = await Should.ThrowAsync<RpcException>(() => client.CountWorkflowsAsync(query));
        refused.Code.ShouldBe(RpcException.StatusCode.InvalidArgument);
        refused.Message.Length.ShouldBeLessThan(2000);
    }

    [Fact]
    public async Task ALargeRequestIsReadAsBefore()
    {
        await using var server = await DevServer.StartAsync();
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        for (var i = 0; i < 20; i++)
            await client.StartWorkflowAsync("W", [new byte[1_400_000]], new WorkflowOptions($"large-{i}", "q"));
        (await client.CountWorkflowsAsync("")).Count.ShouldBe(20);
    }

    static HttpRequestMessage Request(DevServer server, HttpContent content) => new(
        HttpMethod.Post,
        new Uri($"http://{server.Address}/temporal.api.workflowservice.v1.WorkflowService/StartWorkflowExecution"))
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = content,
    };

    /// <summary>A message that says it has 4,000,000 bytes, and is sent up to the last of them.</summary>
    sealed class HalfSent : HttpContent
    {
        const int Bytes = 4_000_000;
        readonly TaskCompletionSource _ends = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HalfSent() => Headers.ContentType = new("application/grpc");

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var head = new byte[5];
            System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), Bytes);
            await stream.WriteAsync(head);
            await stream.WriteAsync(new byte[Bytes - 1]);
            await stream.FlushAsync();
            await _ends.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            _ends.TrySetResult();
            base.Dispose(disposing);
        }
    }
}
