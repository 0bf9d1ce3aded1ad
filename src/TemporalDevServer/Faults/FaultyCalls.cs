using Grpc.Core;
using Grpc.Core.Interceptors;

namespace TemporalDevServer.Faults;

/// <summary>Has calls go wrong as <see cref="DevServerFaults"/> says.</summary>
sealed class FaultyCalls(DevServerFaults faults, TimeProvider time) : Interceptor
{
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        var fault = faults.Next(context.Method[(context.Method.LastIndexOf('/') + 1)..]);
        if (fault.Delay > TimeSpan.Zero) await Task.Delay(fault.Delay, time, context.CancellationToken).ConfigureAwait(false);
        if (fault.Refuse is { } code) throw Refused((StatusCode)code, "This call was made to fail.");
        var answer = await continuation(request, context).ConfigureAwait(false);
        if (fault.LoseAnswer) throw Refused(StatusCode.DeadlineExceeded, "This call was carried out, and made to look as if it had timed out.");
        return answer;
    }

    static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));
}
