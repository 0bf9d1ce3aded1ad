using Grpc.Core;
using Grpc.Core.Interceptors;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using TemporalDevServer.Host;

namespace TemporalDevServer.Tests.Host;

/// <summary>What a server is started with is there when it answers, and what waits is told when it ends.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task EachNamespaceThatIsNamedIsThereWithTheSearchAttributes()
    {
        await using var server = await DevServer.StartAsync(new DevServerOptions
        {
            Namespaces = ["one", "two"],
            SearchAttributes = new Dictionary<string, string> { ["Region"] = "keyword", ["Size"] = "Int" },
        });
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        foreach (var name in (string[])["default", "one", "two"])
        {
            var attributes =
                (await client.OperatorService.ListSearchAttributesAsync(new() { Namespace = name })).CustomAttributes;
            attributes.OrderBy(each => each.Key, StringComparer.Ordinal).Select(each => (each.Key, each.Value))
                .ShouldBe([("Region", IndexedValueType.Keyword), ("Size", IndexedValueType.Int)], name);
        }
    }

    [Fact]
    public async Task AFileWhereTheJournalIsToBeIsRefusedAndStays()
    {
        using var folder = new TempDirectory();
        await File.WriteAllTextAsync(folder.File("db"), "mine");
        var refused = await Should.ThrowAsync<IOException>(
            () => DevServer.StartAsync(new DevServerOptions { DatabaseFile = folder.File("db") }));
        refused.Message.ShouldContain("is a file");
        (await File.ReadAllTextAsync(folder.File("db"))).ShouldBe("mine");
    }

    [Fact]
    public async Task InterceptorsSeeACallInTheirOrder()
    {
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var server = await DevServer.StartAsync(new DevServerOptions
        {
            Interceptors = [new First(seen), new Second(seen)],
        });
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        seen.Clear();
        await client.CountWorkflowsAsync("");
        seen.ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task ACallThatWaitsWhenTheServerEndsIsRefused()
    {
        var loop = new EngineLoop(Engine.WorkflowEngine.New(1), TimeProvider.System);
        loop.Post(new Engine.EnsureNamespaceInput("default"));
        loop.Start();
        var poll = loop.CallAsync(
            new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } }, default, out _);

        await loop.DisposeAsync();

        (await poll.WaitAsync(TimeSpan.FromSeconds(30))).Error.ShouldNotBeNull().Code.ShouldBe(StatusCode.Unavailable);
        // So is one that comes afterwards.
        (await loop.CallAsync(new GetSystemInfoRequest(), default, out _).WaitAsync(TimeSpan.FromSeconds(30)))
            .Error.ShouldNotBeNull().Code.ShouldBe(StatusCode.Unavailable);
        await loop.Ended;
    }

    class Noting(string name, System.Collections.Concurrent.ConcurrentQueue<string> seen) : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
        {
            seen.Enqueue(name);
            return continuation(request, context);
        }
    }

    sealed class First(System.Collections.Concurrent.ConcurrentQueue<string> seen) : Noting("first", seen);
    sealed class Second(System.Collections.Concurrent.ConcurrentQueue<string> seen) : Noting("second", seen);
}
