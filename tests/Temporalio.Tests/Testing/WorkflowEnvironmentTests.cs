using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Testing;

namespace Temporalio.Tests.Testing;

public sealed class WorkflowEnvironmentTests
{
    [SkippableFact]
    public async Task ALocalServerServesItsNamespaceUntilItIsDisposed()
    {
        RealServers.SkipIfMissing();
        var key = SearchAttributeKey.CreateKeyword("Shop");
        var environment = await WorkflowEnvironment.StartLocalAsync(new()
        {
            Namespace = "shops",
            SearchAttributes = [key],
            DevServerOptions = new() { ExistingPath = RealServers.Temporal, ExtraArgs = ["--sqlite-pragma", "synchronous=off"] },
        });
        await using (environment)
        {
            environment.SupportsTimeSkipping.ShouldBeFalse();
            var handle = await environment.Client.StartWorkflowAsync("Sleeper", [], new("one", "nobody")
            {
                TypedSearchAttributes = new SearchAttributeCollection.Builder().Set(key, "north").ToSearchAttributeCollection(),
            });
            var description = await handle.DescribeAsync();
            description.Status.ShouldBe(WorkflowExecutionStatus.Running);
            description.TypedSearchAttributes.Get(key).ShouldBe("north");
            (await environment.WithAutoTimeSkippingDisabledAsync(() => Task.FromResult(1))).ShouldBe(1);
        }
        await Should.ThrowAsync<RpcException>(() => environment.Client.GetWorkflowHandle("one").DescribeAsync(
            new() { Rpc = new() { Retry = false, Timeout = TimeSpan.FromSeconds(2) } }));
        await environment.ShutdownAsync();
    }

    [SkippableFact]
    public async Task ADatabaseFileOutlivesItsServer()
    {
        RealServers.SkipIfMissing();
        using var folder = new TempDirectory();
        var options = new WorkflowEnvironmentStartLocalOptions
        {
            DevServerOptions = new() { ExistingPath = RealServers.Temporal, DatabaseFilename = Path.Combine(folder.Path, "dev.db") },
        };
        await using (var first = await WorkflowEnvironment.StartLocalAsync(options))
            await first.Client.StartWorkflowAsync("Sleeper", [], new("kept", "nobody"));
        await using var second = await WorkflowEnvironment.StartLocalAsync(options);
        (await second.Client.GetWorkflowHandle("kept").DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
    }

    [Fact]
    public async Task AMissingProgramIsNamedWithWhatToDo()
    {
        var error = await Should.ThrowAsync<InvalidOperationException>(
            () => WorkflowEnvironment.StartLocalAsync(new() { DevServerOptions = new() { ExistingPath = "/nowhere/temporal" } }));
        error.Message.ShouldContain("'/nowhere/temporal' cannot be run");
        error.Message.ShouldContain("DevServerOptions.ExistingPath");
    }

    [SkippableFact]
    public async Task AServerThatEndsAtItsStartIsQuoted()
    {
        RealServers.SkipIfMissing();
        var error = await Should.ThrowAsync<InvalidOperationException>(() => WorkflowEnvironment.StartLocalAsync(
            new() { DevServerOptions = new() { ExistingPath = RealServers.Temporal, ExtraArgs = ["--no-such-flag"] } }));
        error.Message.ShouldContain("ended at its start with exit code 1");
        error.Message.ShouldContain("no-such-flag");
    }

    [SkippableFact]
    public async Task AClientOfARunningServerIsAnEnvironment()
    {
        RealServers.SkipIfMissing();
        await using var server = await TemporalServer.StartNewAsync();
        await using (var environment = new WorkflowEnvironment(await TemporalClient.ConnectAsync(new(server.Address))))
            await environment.DelayAsync(1);
        (await (await TemporalClient.ConnectAsync(new(server.Address))).Connection.CheckHealthAsync()).ShouldBeTrue();
    }
}
