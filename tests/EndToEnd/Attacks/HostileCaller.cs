using Google.Protobuf;
using Google.Protobuf.Reflection;
using Temporalio.Api.WorkflowService.V1;

namespace LogPipeline.EndToEnd.Attacks;

/// <summary>
/// Calls every method of the service, and its health, with any values; now and then with bytes that are no message, and
/// ends calls before they are answered.
/// </summary>
sealed class HostileCaller(string address, int seed)
{
    const string Unknown = "2";
    const string Internal = "13";

    static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(300);
    static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);
    static readonly IReadOnlyList<MethodDescriptor> Methods =
        [.. ServiceReflection.Descriptor.Services.Single().Methods];

    readonly Random _random = new(seed);
    readonly HostileMessages _messages = new(new Random(seed));
    readonly Dictionary<string, int> _statuses = [];
    volatile int _calls;

    public int Calls => _calls;

    /// <summary>Answers to whole requests by which the server says that it has failed.</summary>
    public List<string> Faults { get; } = [];

    /// <summary>How often each status was the answer.</summary>
    public IReadOnlyDictionary<string, int> Statuses => _statuses;

    /// <summary>Goes on until so many were made in all, or it is ended.</summary>
    public async Task RunAsync(int count, CancellationToken end)
    {
        using var grpc = new RawGrpc(address);
        while (_calls < count && !end.IsCancellationRequested)
        {
            var status = await CallAsync(grpc, end);
            _statuses[status] = _statuses.GetValueOrDefault(status) + 1;
            _calls++;
        }
    }

    async Task<string> CallAsync(RawGrpc grpc, CancellationToken end)
    {
        var isHealth = _random.Next(Methods.Count + 1) == 0;
        var method = Methods[_random.Next(Methods.Count)];
        var whole = isHealth ? RawGrpc.Framed("\n\u0001x"u8) : RawGrpc.Framed(_messages.New(method.InputType));
        var body = _random.Next(10) == 0 ? Damaged(whole) : whole;
        var path = isHealth ? "/grpc.health.v1.Health/Check" : $"/{method.Service.FullName}/{method.Name}";
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(end);
        ended.CancelAfter(_random.Next(50) == 0 ? TimeSpan.FromMilliseconds(5) : AnswerMax);
        try
        {
            var reply = await grpc.CallAsync(path, body, Deadline, ended.Token);
            if (!isHealth && reply.Answer.Length > 0)
                _messages.Learn(method.OutputType.Parser.ParseFrom(reply.Answer));
            if (body == whole && reply.Status is (Unknown or Internal))
                Faults.Add($"seed {seed}, call {_calls}, {path}: {reply.Status} {reply.Message}");
            return reply.Status;
        }
        catch (OperationCanceledException)
        {
            return "ended by the caller";
        }
        catch (HttpRequestException e)
        {
            return end.IsCancellationRequested ? "killed" : $"{e.HttpRequestError}";
        }
    }

    byte[] Damaged(byte[] bytes)
    {
        if (_random.Next(2) == 0) return bytes[.._random.Next(bytes.Length)];
        bytes = [.. bytes];
        for (var i = _random.Next(1, 50); i > 0; i--) bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
        return bytes;
    }
}
