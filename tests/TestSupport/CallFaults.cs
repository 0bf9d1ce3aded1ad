using Grpc.Core;
using Grpc.Core.Interceptors;

namespace LogPipeline.TestSupport;

/// <summary>
/// What goes wrong on purpose, call by call, in an embedded server. A call is named as Temporal's service names it
/// ("StartWorkflowExecution"). Rules may be added and removed while the server runs.
/// </summary>
/// <param name="seed">Decides which calls a rate hits; the same seed and order of calls, the same ones.</param>
public sealed class CallFaults(int seed) : Interceptor
{
    readonly Lock _gate = new();
    readonly Random _random = new(seed);
    readonly List<Rule> _rules = [];
    long _struck;

    /// <summary>Calls refused, delayed or told of a timeout so far.</summary>
    public long Struck => Interlocked.Read(ref _struck);

    /// <summary>The call is not carried out, and answered with this code of gRPC (14: unavailable).</summary>
    public void Refuse(string call, int code, int times = int.MaxValue) => Add(new Rule(call, new Fault { Refuse = code }, 1, times));

    /// <summary>The call is carried out this much later.</summary>
    public void Delay(string call, TimeSpan delay, int times = int.MaxValue) => Add(new Rule(call, new Fault { Delay = delay }, 1, times));

    /// <summary>The call is carried out, and its caller told that it timed out (DEADLINE_EXCEEDED).</summary>
    /// <param name="rate">Of how many calls, from 0 to 1.</param>
    public void TimeOutAfterDoing(string call, double rate = 1, int times = int.MaxValue)
    {
        if (rate is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(rate), rate, "A rate is from 0 to 1.");
        Add(new Rule(call, new Fault { LoseAnswer = true }, rate, times));
    }

    /// <summary>From here on nothing goes wrong.</summary>
    public void Clear()
    {
        lock (_gate) _rules.Clear();
    }

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var fault = Next(context.Method[(context.Method.LastIndexOf('/') + 1)..]);
        if (fault.Delay > TimeSpan.Zero) await Task.Delay(fault.Delay, context.CancellationToken);
        if (fault.Refuse is { } code) throw Refused((StatusCode)code, "This call was made to fail.");
        var answer = await continuation(request, context);
        if (fault.LoseAnswer)
            throw Refused(StatusCode.DeadlineExceeded, "This call was carried out, and made to look as if it had timed out.");
        return answer;
    }

    static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));

    /// <summary>What befalls the next such call.</summary>
    public Fault Next(string call)
    {
        lock (_gate)
        {
            foreach (var rule in _rules)
            {
                if (rule.Call != call || rule.Left == 0 || _random.NextDouble() >= rule.Rate) continue;
                rule.Left--;
                _struck++;
                return rule.Fault;
            }
            return default;
        }
    }

    void Add(Rule rule)
    {
        lock (_gate) _rules.Add(rule);
    }

    sealed class Rule(string call, Fault fault, double rate, int times)
    {
        public string Call { get; } = call;
        public Fault Fault { get; } = fault;
        public double Rate { get; } = rate;
        public int Left { get; set; } = times;
    }

    /// <summary>What befalls one call; the default: nothing.</summary>
    public readonly record struct Fault(TimeSpan Delay, int? Refuse, bool LoseAnswer);
}
