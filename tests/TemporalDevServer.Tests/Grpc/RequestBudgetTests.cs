using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using TemporalDevServer.Grpc;

namespace TemporalDevServer.Tests.Grpc;

/// <summary>Requests that arrive slowly, in part, or all at once.</summary>
public sealed class RequestBudgetTests
{
    const int BytesMax = 1_000_000;
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);
    static readonly TimeSpan ArrivalMax = TimeSpan.FromSeconds(30);

    readonly TestClock _clock = new();
    readonly RequestBudget _budget;

    public RequestBudgetTests() => _budget = new RequestBudget(BytesMax, callsMax: 3, ArrivalMax, _clock);

    [Fact]
    public async Task ACallBeginsWhenItsRequestIsThereAsAWhole()
    {
        var call = new Arriving(_budget);
        await call.SendAsync(10);
        call.HasBegun.IsCompleted.ShouldBeFalse();
        await call.SendAsync(20);
        call.HasBegun.IsCompleted.ShouldBeFalse();
        await call.EndAsync();
        (await call.HasBegun.WaitAsync(WaitMax)).ShouldBe(30);
        call.Answer();
        await call.Done.WaitAsync(WaitMax);
        call.Status.ShouldBe("");
    }

    [Fact]
    public async Task HalfSentRequestsHoldNoMoreThanTheBudgetAndSmallOnesGoOn()
    {
        var half = new Arriving(_budget);
        await half.SendAsync(BytesMax - 100);
        var next = new Arriving(_budget);
        await next.SendAsync(101);
        await next.Done.WaitAsync(WaitMax);
        next.Status.ShouldBe("8");

        var small = new Arriving(_budget, sentAtOnce: 1000);
        (await small.HasBegun.WaitAsync(WaitMax)).ShouldBe(1000);
        small.Answer();

        // What is answered makes room.
        await half.EndAsync();
        await half.HasBegun.WaitAsync(WaitMax);
        half.Answer();
        await half.Done.WaitAsync(WaitMax);
        var again = new Arriving(_budget);
        await again.SendAsync(BytesMax - 100);
        await again.EndAsync();
        (await again.HasBegun.WaitAsync(WaitMax)).ShouldBe(BytesMax - 100);
        again.Answer();
    }

    [Fact]
    public async Task ALargeRequestCountsUntilItIsAnswered()
    {
        var waits = new Arriving(_budget, sentAtOnce: BytesMax - 100);
        await waits.HasBegun.WaitAsync(WaitMax);
        var next = new Arriving(_budget, sentAtOnce: 70_000);
        await next.Done.WaitAsync(WaitMax);
        next.Status.ShouldBe("8");
        waits.Answer();
    }

    [Fact]
    public async Task ARequestThatDoesNotArriveInTimeIsRefused()
    {
        var call = new Arriving(_budget);
        await call.SendAsync(10);
        await _clock.TimersAsync(1);
        _clock.Advance(ArrivalMax);
        await call.Done.WaitAsync(WaitMax);
        call.Status.ShouldBe("4");
        call.HasBegun.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task ThereAreNoMoreCallsUnderWayThanMayBe()
    {
        Arriving[] calls = [.. Enumerable.Range(0, 3).Select(_ => new Arriving(_budget, sentAtOnce: 10))];
        foreach (var call in calls) await call.HasBegun.WaitAsync(WaitMax);
        var refused = new Arriving(_budget, sentAtOnce: 10);
        await refused.Done.WaitAsync(WaitMax);
        refused.Status.ShouldBe("8");
        calls[0].Answer();
        await calls[0].Done.WaitAsync(WaitMax);
        var next = new Arriving(_budget, sentAtOnce: 10);
        await next.HasBegun.WaitAsync(WaitMax);
        foreach (var call in calls.Append(next)) call.Answer();
    }

    [Fact]
    public void ConnectionsThatSayNothingOrLittleAreBounded()
    {
        var limits = new KestrelServerLimits();
        ServerLimits.Set(limits);
        limits.KeepAliveTimeout.ShouldBeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
        limits.RequestHeadersTimeout.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(10));
        limits.MinRequestBodyDataRate.ShouldNotBeNull();
        limits.MinResponseDataRate.ShouldNotBeNull();
        limits.MaxConcurrentConnections.ShouldNotBeNull();
        limits.Http2.KeepAlivePingDelay.ShouldBeLessThan(TimeSpan.FromMinutes(1));
        limits.Http2.InitialConnectionWindowSize.ShouldBeLessThanOrEqualTo(1024 * 1024);
    }

    /// <summary>A request on its way, and the call that it becomes.</summary>
    sealed class Arriving : IRequestBodyPipeFeature
    {
        // What is sent has been looked at when the sender goes on.
        readonly Pipe _pipe = new(new PipeOptions(
            pauseWriterThreshold: 0, readerScheduler: PipeScheduler.Inline, useSynchronizationContext: false));
        readonly DefaultHttpContext _context = new();
        readonly TaskCompletionSource<long> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Arriving(RequestBudget budget, int sentAtOnce = 0)
        {
            _context.Features.Set<IRequestBodyPipeFeature>(this);
            if (sentAtOnce > 0)
            {
                _pipe.Writer.WriteAsync(new byte[sentAtOnce]).AsTask().Wait();
                _pipe.Writer.Complete();
            }
            Done = budget.GuardAsync(_context, async context =>
            {
                // As the library does: it reads all that is there.
                var read = await context.Request.BodyReader.ReadAsync();
                _begun.SetResult(read.IsCompleted ? read.Buffer.Length : -1);
                context.Request.BodyReader.AdvanceTo(read.Buffer.End);
                await _answered.Task;
            });
        }

        public PipeReader Reader => _pipe.Reader;
        public Task Done { get; }
        public Task<long> HasBegun => _begun.Task;
        public string Status => _context.Response.Headers.GrpcStatus.ToString();

        public async Task SendAsync(int bytes) => await _pipe.Writer.WriteAsync(new byte[bytes]);
        public async Task EndAsync() => await _pipe.Writer.CompleteAsync();
        public void Answer() => _answered.TrySetResult();
    }
}
