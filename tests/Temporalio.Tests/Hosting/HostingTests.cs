using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Extensions.Hosting;

namespace Temporalio.Tests.Hosting;

public class HostingTests
{
    sealed class Counter : IAsyncDisposable
    {
        public List<string> Trace { get; } = [];

        public ValueTask DisposeAsync()
        {
            Trace.Add("disposed");
            return ValueTask.CompletedTask;
        }
    }

    sealed class Counting(Counter counter)
    {
        [Activity]
        public async Task<int> CountAsync()
        {
            counter.Trace.Add("begin");
            await Task.Yield();
            counter.Trace.Add("end");
            ActivityScope.ScopedInstance.ShouldBe(this);
            return counter.Trace.Count;
        }

        [Activity] public void Fail() => throw new FormatException("bad");
    }

    static class Fixed
    {
        [Activity] public static int One() => 1;
    }

    [Fact]
    public async Task EachAttemptHasAScopeThatLastsAsLongAsIt()
    {
        var services = new ServiceCollection().AddScoped<Counter>();
        services.AddHostedTemporalWorker("q").AddScopedActivities<Counting>().AddStaticActivities(typeof(Fixed));
        await using var provider = services.BuildServiceProvider();
        var options = provider.GetRequiredService<IOptionsMonitor<TemporalWorkerServiceOptions>>().Get("q");
        options.TaskQueue.ShouldBe("q");
        options.Activities.Select(a => a.Name).ShouldBe(["One", "Count", "Fail"], ignoreOrder: true);

        var count = options.Activities.Single(a => a.Name == "Count");
        (await count.InvokeAsync([])).ShouldBe(2);
        (await count.InvokeAsync([])).ShouldBe(2);
        await Should.ThrowAsync<FormatException>(() => options.Activities.Single(a => a.Name == "Fail").InvokeAsync([]));
        ActivityScope.ServiceScope.ShouldBeNull();
    }

    [Fact]
    public async Task AScopeGivenByAnInterceptorIsUsedAndLeftOpen()
    {
        var services = new ServiceCollection().AddScoped<Counter>().AddScoped<Counting>();
        await using var provider = services.BuildServiceProvider();
        await using var scope = provider.CreateAsyncScope();
        var count = provider.CreateTemporalActivityDefinitions<Counting>().Single(a => a.Name == "Count");
        ActivityScope.ServiceScope = scope;
        await count.InvokeAsync([]);
        await count.InvokeAsync([]);
        scope.ServiceProvider.GetRequiredService<Counter>().Trace.ShouldBe(["begin", "end", "begin", "end"]);
    }

    [Fact]
    public void TwoWorkersOfOneQueueAreRefused()
    {
        var services = new ServiceCollection();
        services.AddHostedTemporalWorker("q");
        services.AddHostedTemporalWorker("other");
        Should.Throw<InvalidOperationException>(() => services.AddHostedTemporalWorker("q")).Message.ShouldContain("'q'");
    }

    [Fact]
    public void AWorkerWithoutAClientDoesNotStart()
    {
        var services = new ServiceCollection();
        services.AddHostedTemporalWorker("q").AddStaticActivities(typeof(Fixed));
        using var provider = services.BuildServiceProvider();
        Should.Throw<InvalidOperationException>(() => provider.GetServices<IHostedService>().ToList()).Message.ShouldContain("no client");
    }

    [Fact]
    public void TheClientTakesItsOptionsFromTheHost()
    {
        var services = new ServiceCollection().AddLogging();
        services.AddTemporalClient("one:7233", "ns").Configure(o => o.TargetHost = "two:7233");
        services.AddTemporalClient(o => o.Identity = "me");
        using var provider = services.BuildServiceProvider();
        var client = provider.GetRequiredService<ITemporalClient>();
        client.Options.Namespace.ShouldBe("ns");
        client.Connection.Options.TargetHost.ShouldBe("two:7233");
        client.Connection.Options.Identity.ShouldBe("me");
        client.Connection.IsConnected.ShouldBeFalse();
    }
}
