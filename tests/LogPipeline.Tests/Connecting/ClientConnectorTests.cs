using LogPipeline.TestSupport;
using LogPipeline.Workflows.Connecting;
using Temporalio.Client;

namespace LogPipeline.Tests.Connecting;

public sealed class ClientConnectorTests
{
    readonly TestClock _clock = new();
    readonly List<TaskCompletionSource<ITemporalClient>> _connects = [];
    TaskCompletionSource _answer = new();
    readonly ClientConnector _connector;

    public ClientConnectorTests() => _connector = new ClientConnector(() => new TemporalClientConnectOptions("test:7233"), _ =>
    {
        _connects.Add(new TaskCompletionSource<ITemporalClient>());
        return _connects[^1].Task;
    }, (_, token) => _answer.Task.WaitAsync(token), _clock);

    [Fact]
    public async Task WhileNobodyAnswersNoConnectBegins()
    {
        for (var call = 0; call < 5; call++) await GivenUpAsync();
        _connects.ShouldBeEmpty();
    }

    [Fact]
    public async Task AConnectThatTakesLongerThanItsCallerWaitsIsTakenUpByTheNext()
    {
        _answer.SetResult();
        await GivenUpAsync();
        _answer = new TaskCompletionSource();
        var next = _connector.GetAsync(CancellationToken.None);
        var client = SomeClient();
        _connects.ShouldHaveSingleItem().SetResult(client);
        (await next).ShouldBeSameAs(client);
        (await _connector.GetAsync(CancellationToken.None)).ShouldBeSameAs(client);
    }

    [Fact]
    public async Task WhoIsAnsweredWhileAnEarlierConnectIsNotBeginsAFreshOneAndNeverAThird()
    {
        _answer.SetResult();
        for (var call = 0; call < 5; call++) await GivenUpAsync();
        _connects.Count.ShouldBe(2);
        _connector.UnderWay.ShouldBe(2);
        var waiting = _connector.GetAsync(CancellationToken.None);
        var client = SomeClient();
        _connects[1].SetResult(client);
        (await waiting).ShouldBeSameAs(client);
        _connector.UnderWay.ShouldBe(1);
    }

    [Fact]
    public async Task AConnectThatHasNoEndIsForgottenInTheEnd()
    {
        _answer.SetResult();
        for (var call = 0; call < 3; call++) await GivenUpAsync();
        _clock.Advance(TimeSpan.FromSeconds(61));
        await GivenUpAsync();
        _connects.Count.ShouldBe(3);
    }

    [Fact]
    public async Task AFailureIsToldToTheOneWhoWaitsAndTheNextBeginsAnew()
    {
        _answer.SetResult();
        var first = _connector.GetAsync(CancellationToken.None);
        _connects[0].SetException(new InvalidOperationException("Connection failed: refused"));
        await first.ShouldThrowAsync<InvalidOperationException>();
        _ = _connector.GetAsync(CancellationToken.None);
        _connects.Count.ShouldBe(2);
    }

    [Fact]
    public async Task AConnectThatFailsAtOnceIsToldAsWell()
    {
        var connector = new ClientConnector(() => new TemporalClientConnectOptions("test:7233"),
            _ => Task.FromException<ITemporalClient>(new InvalidOperationException("Connection failed: refused")), null, _clock);
        for (var call = 0; call < 3; call++) await Should.ThrowAsync<InvalidOperationException>(() =>
            connector.GetAsync(CancellationToken.None));
    }

    [Fact]
    public async Task WhatHasConnectedBesideAClientThatIsLeftIsLeftWithIt()
    {
        _answer.SetResult();
        for (var call = 0; call < 2; call++) await GivenUpAsync();
        var client = SomeClient();
        _connects[1].SetResult(client);
        (await _connector.GetAsync(CancellationToken.None)).ShouldBeSameAs(client);
        _connects[0].SetResult(SomeClient());
        _connector.Drop(client);
        _connector.HasClient.ShouldBeFalse();
        _ = _connector.GetAsync(CancellationToken.None);
        _connects.Count.ShouldBe(3);
    }

    async Task GivenUpAsync()
    {
        using var limit = new CancellationTokenSource();
        var call = _connector.GetAsync(limit.Token);
        await limit.CancelAsync();
        await call.ShouldThrowAsync<OperationCanceledException>();
    }

    static ITemporalClient SomeClient() => TemporalClient.CreateLazy(new TemporalClientConnectOptions("test:7233"));
}
