using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Exceptions;

namespace Temporalio.Tests.Exceptions;

public class ExceptionTests
{
    [Fact]
    public void CancellationIsRecognisedThroughActivitiesAndChildren()
    {
        var canceled = new CanceledFailureException("c");
        TemporalException.IsCanceledException(canceled).ShouldBeTrue();
        TemporalException.IsCanceledException(new TaskCanceledException()).ShouldBeTrue();
        TemporalException.IsCanceledException(Activity(canceled)).ShouldBeTrue();
        TemporalException.IsCanceledException(Activity(new ApplicationFailureException("x"))).ShouldBeFalse();
        TemporalException.IsCanceledException(new ApplicationFailureException("x", canceled)).ShouldBeFalse();
    }

    [Fact]
    public void AnRpcErrorReadsItsStatusWhenAsked()
    {
        var raw = Google.Protobuf.MessageExtensions.ToByteArray(new GrpcStatus { Code = 5, Message = "gone" });
        var error = new RpcException(RpcException.StatusCode.NotFound, "gone", raw);
        error.GrpcStatus.IsValueCreated.ShouldBeFalse();
        error.GrpcStatus.Value!.Message.ShouldBe("gone");
        new RpcException(RpcException.StatusCode.Unavailable, "m", null).GrpcStatus.Value.ShouldBeNull();
    }

    [Fact]
    public void AFailureOfOneKindIsNotTakenForAnother() =>
        Should.Throw<ArgumentException>(() => new ActivityFailureException(new Failure { TimeoutFailureInfo = new() }, null));

    static ActivityFailureException Activity(Exception inner) => new(new Failure { ActivityFailureInfo = new() { ActivityType = new() } }, inner);
}
