using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using LogPipeline.TestSupport;
using Temporalio.Activities;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace Temporalio.Tests.Grpc;

/// <summary>
/// Servers and links that fail below gRPC, over real sockets. Whatever happens, a call ends with the whole answer or an
/// RpcException, a little after its deadline at the latest, and is not made more often than its retry options say.
/// </summary>
public sealed class BrokenWireTests
{
    const int AttemptsMax = 3;
    static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(500);
    static readonly byte[] Whole = new GetSystemInfoResponse { ServerVersion = new string('v', 600) }.ToByteArray();

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public async Task EveryCallEndsWhateverTheServerDoesWhenever(int seed)
    {
        var random = new Random(seed);
        var gate = new Lock();
        var healthy = true;
        var faults = new ConcurrentDictionary<string, int>();
        await using var server = new RawHttp2Server(stream =>
        {
            lock (gate) return healthy ? new([.. Http2.Answer(stream, Whole).SelectMany(f => f)]) : Fault(random, stream, faults);
        });
        var connection = await ConnectAsync(server.Address);
        lock (gate) healthy = false;

        const int calls = 60;
        var before = server.Requests;
        for (var i = 0; i < calls; i += 10)
        {
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CallAsync(connection)));
            outcomes.ShouldAllBe(error => error == null || error.Message.Length > 0);
        }
        // An attempt that the server has certainly not seen may be made once more, by the channel and by .NET.
        (server.Requests - before).ShouldBeLessThanOrEqualTo(calls * AttemptsMax * 4);
        faults.Count.ShouldBeGreaterThan(5, string.Join(' ', faults.Keys));

        lock (gate) healthy = true;
        (await CallAsync(connection)).ShouldBeNull();
    }

    [Theory]
    [InlineData("a frame over the size that was agreed on", Code.Internal)]
    [InlineData("a frame of a stream that never was", Code.Internal)]
    [InlineData("headers that are no HPACK", Code.Unavailable)]
    [InlineData("a reset in the middle of the message", Code.Internal)]
    [InlineData("a goodbye that leaves the stream out", Code.Unavailable)]
    [InlineData("a closed connection after the headers", Code.Unavailable)]
    [InlineData("a closed connection within the message", Code.Unavailable)]
    [InlineData("a closed connection before the trailers", Code.Unavailable)]
    public async Task ABrokenAnswerIsAnErrorAndTheNextCallWorks(string what, Code code)
    {
        var broken = false;
        await using var server = new RawHttp2Server(stream =>
            broken ? Break(what, stream) : new([.. Http2.Answer(stream, Whole).SelectMany(f => f)]));
        var connection = await ConnectAsync(server.Address);
        broken = true;
        var began = Stopwatch.GetTimestamp();
        var error = await Should.ThrowAsync<RpcException>(
            () => connection.WorkflowService.GetSystemInfoAsync(new(), new() { Timeout = TimeSpan.FromSeconds(20) }));
        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(10), what);
        error.Code.ShouldBe(code, error.Message);
        error.Message.ShouldContain(server.Address);
        // .NET repeats what the server has certainly not seen, and the channel does so once.
        server.Requests.ShouldBeLessThanOrEqualTo(1 + 4, what);
        broken = false;
        (await connection.WorkflowService.GetSystemInfoAsync(new())).ToByteArray().ShouldBe(Whole);
    }

    [Fact]
    public async Task AServerThatNeverAnswersCostsEachAttemptItsDeadline()
    {
        var mute = false;
        await using var server = new RawHttp2Server(stream =>
            mute ? new([]) : new([.. Http2.Answer(stream, Whole).SelectMany(f => f)]));
        var connection = await ConnectAsync(server.Address);
        mute = true;
        var error = await CallAsync(connection);
        error.ShouldNotBeNull().Code.ShouldBe(Code.DeadlineExceeded);
        server.Requests.ShouldBe(2);
    }

    [Fact]
    public async Task APortThatAcceptsAndSaysNothingIsGivenUpAfterTheDeadline()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var clock = new TestClock();
        var connection = new TemporalConnection(new(listener.LocalEndpoint.ToString()!), time: clock);
        var connecting = connection.ConnectAsync();
        await clock.TimersAsync();
        clock.Advance(TimeSpan.FromSeconds(29));
        connecting.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(6));
        var error = await Should.ThrowAsync<InvalidOperationException>(() => connecting.WaitAsync(TimeSpan.FromSeconds(20)));
        error.InnerException.ShouldBeOfType<RpcException>().Code.ShouldBe(Code.DeadlineExceeded);
    }

    [Fact]
    public async Task AWorkerWhoseServerBreaksEveryAnswerDoesNotSpinAndStops()
    {
        var random = new Random(7);
        var gate = new Lock();
        var healthy = true;
        await using var server = new RawHttp2Server(stream =>
        {
            lock (gate) return healthy ? new([.. Http2.Answer(stream, []).SelectMany(f => f)]) : new([.. Http2.Reset(stream, random.Next(1, 3))]);
        });
        var connection = await ConnectAsync(server.Address);
        var client = new TemporalClient(connection, new());
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions("queue") { DisablePayloadErrorLimit = true }.AddActivity(Nothing));
        var before = 0;
        // As long as it takes for each of the five pollers to have failed three times.
        await worker.ExecuteAsync(() =>
        {
            lock (gate) healthy = false;
            before = server.Requests;
            return Eventually.TrueAsync(() => Task.FromResult(server.Requests - before >= 15), TimeSpan.FromSeconds(30));
        });
        (server.Requests - before).ShouldBeLessThan(60);
    }

    [Fact]
    public async Task FieldsAndEnumsOfALaterServerAreKeptAndHarmNothing()
    {
        var answer = new DescribeWorkflowExecutionResponse
        {
            WorkflowExecutionInfo = new()
            {
                Execution = new() { WorkflowId = "later", RunId = "run" },
                Type = new() { Name = "Later" },
                StartTime = new(),
                Status = (Api.Enums.V1.WorkflowExecutionStatus)99,
            },
        };
        // Field 1000, length-delimited, of three bytes.
        byte[] bytes = [.. answer.ToByteArray(), 0xc2, 0x3e, 3, 1, 2, 3];
        var handler = new AnsweringHandler(request => request.RequestUri!.AbsolutePath.EndsWith("GetSystemInfo", StringComparison.Ordinal)
            ? Answers.With(Answers.Frame(Whole))
            : Answers.With(Answers.Frame(bytes)));
        var client = new TemporalClient(new TemporalConnection(new("later.test:7233"), handler), new());
        var description = await client.GetWorkflowHandle("later").DescribeAsync();
        ((int)description.Status).ShouldBe(99);
        description.RawDescription.ToByteArray().ShouldBe(bytes);
    }

    [Activity]
    static void Nothing() { }

    static Task<TemporalConnection> ConnectAsync(string address) => TemporalConnection.ConnectAsync(new(address)
    {
        RpcRetry = new()
        {
            InitialInterval = TimeSpan.FromMilliseconds(1), MaxInterval = TimeSpan.FromMilliseconds(2), MaxRetries = AttemptsMax,
        },
    });

    static async Task<RpcException?> CallAsync(TemporalConnection connection)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            var answer = await connection.WorkflowService.GetSystemInfoAsync(new(), new() { Retry = true, Timeout = Deadline });
            answer.ToByteArray().ShouldBe(Whole);
            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
        finally
        {
            // Every attempt has its own deadline and a grace of a second; the rest is for a busy machine.
            Stopwatch.GetElapsedTime(began).ShouldBeLessThan(AttemptsMax * (Deadline + TimeSpan.FromSeconds(1)) + TimeSpan.FromSeconds(10));
        }
    }

    static RawReply Fault(Random random, int stream, ConcurrentDictionary<string, int> faults)
    {
        var frames = Http2.Answer(stream, Whole);
        var kept = frames.Take(random.Next(frames.Length)).SelectMany(f => f).ToArray();
        var (name, reply) = random.Next(9) switch
        {
            0 => ("reset", new RawReply([.. kept, .. Http2.Reset(stream, random.Next(14))])),
            1 => ("goodbye, closed", new([.. kept, .. Http2.Away(stream - 2 * random.Next(2), random.Next(14))], Close: true)),
            2 => ("goodbye, open", new([.. Http2.Away(stream, 0), .. frames.SelectMany(f => f)])),
            3 => ("closed", new(frames.SelectMany(f => f).Take(random.Next(600)).ToArray(), Close: true)),
            4 => ("silence", new(kept)),
            5 => ("longer", new([.. Http2.Answer(stream, Whole, (uint)Whole.Length + 1 + (uint)random.Next(1000)).SelectMany(f => f)])),
            6 => ("shorter", new([.. Http2.Answer(stream, Whole, (uint)random.Next(Whole.Length)).SelectMany(f => f)])),
            7 => ("noise", new([.. kept, .. Noise(random)], Close: random.Next(2) == 0)),
            _ => ("unknown frame", new([.. Http2.Frame(0xfe, 0, stream, [1, 2, 3]), .. frames.SelectMany(f => f)])),
        };
        faults.AddOrUpdate(name, 1, (_, n) => n + 1);
        return reply;
    }

    static byte[] Noise(Random random)
    {
        var bytes = new byte[9 + random.Next(200)];
        random.NextBytes(bytes);
        return bytes;
    }

    static RawReply Break(string what, int stream)
    {
        var frames = Http2.Answer(stream, Whole);
        return what switch
        {
            "a frame over the size that was agreed on" => new(Http2.Frame(Http2.Data, 0, stream, [], length: 1 << 23)),
            "a frame of a stream that never was" => new(Http2.Frame(Http2.Data, 0, stream + 1000, [1])),
            "headers that are no HPACK" => new(Http2.Frame(Http2.Headers, Http2.EndHeaders, stream, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
            "a reset in the middle of the message" => new([.. frames[0], .. Http2.Frame(Http2.Data, 0, stream, frames[1][9..50]), .. Http2.Reset(stream, 2)]),
            "a goodbye that leaves the stream out" => new(Http2.Away(0, 0), Close: true),
            "a closed connection after the headers" => new(frames[0], Close: true),
            "a closed connection within the message" => new([.. frames[0], .. frames[1][..50]], Close: true),
            "a closed connection before the trailers" => new([.. frames[0], .. frames[1]], Close: true),
            _ => throw new ArgumentOutOfRangeException(nameof(what), what, null),
        };
    }
}
