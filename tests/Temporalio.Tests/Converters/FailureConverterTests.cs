using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace Temporalio.Tests.Converters;

public class FailureConverterTests
{
    static readonly DefaultFailureConverter Converter = new();
    static readonly IPayloadConverter Payloads = DataConverter.Default.PayloadConverter;

    [Fact]
    public void AnyExceptionIsAnApplicationFailureNamedAfterItsClass()
    {
        var failure = Converter.ToFailure(Thrown(new InvalidOperationException("outer", new FormatException("inner"))), Payloads);
        failure.Message.ShouldBe("outer");
        failure.StackTrace.ShouldContain(nameof(Thrown));
        failure.ApplicationFailureInfo.Type.ShouldBe("InvalidOperationException");
        failure.ApplicationFailureInfo.NonRetryable.ShouldBeFalse();
        failure.ApplicationFailureInfo.Details.ShouldBeNull();
        failure.Cause.Message.ShouldBe("inner");
        failure.Cause.ApplicationFailureInfo.Type.ShouldBe("FormatException");
        failure.Cause.Cause.ShouldBeNull();
    }

    [Fact]
    public void AnApplicationFailureComesBackWithAllItSaid()
    {
        var failure = Converter.ToFailure(
            new ApplicationFailureException("full", "DiskFull", nonRetryable: true, ["/logs", 7], TimeSpan.FromMinutes(1), ApplicationErrorCategory.Benign), Payloads);
        failure.ApplicationFailureInfo.Category.ShouldBe(ApplicationErrorCategory.Benign);

        var back = Converter.ToException(Failure.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(failure)), Payloads).ShouldBeOfType<ApplicationFailureException>();
        back.Message.ShouldBe("full");
        back.ErrorType.ShouldBe("DiskFull");
        back.NonRetryable.ShouldBeTrue();
        back.NextRetryDelay.ShouldBe(TimeSpan.FromMinutes(1));
        back.Category.ShouldBe(ApplicationErrorCategory.Benign);
        back.Details.Count.ShouldBe(2);
        back.Details.ElementAt<string>(0).ShouldBe("/logs");
        back.Details.ElementAt<int>(1).ShouldBe(7);
        Should.Throw<ArgumentOutOfRangeException>(() => back.Details.ElementAt<int>(2));
    }

    [Fact]
    public void ATreeOfEveryKindComesBack()
    {
        var failure = Activity(Timeout(Child(Terminated(Server(new Failure { Message = "plain" })))));
        var activity = Converter.ToException(failure, Payloads).ShouldBeOfType<ActivityFailureException>();
        (activity.ActivityType, activity.ActivityId, activity.Identity, activity.RetryState).ShouldBe(("Write", "5", null, RetryState.MaximumAttemptsReached));
        var timeout = activity.InnerException.ShouldBeOfType<TimeoutFailureException>();
        timeout.TimeoutType.ShouldBe(TimeoutType.Heartbeat);
        timeout.LastHeartbeatDetails.ElementAt<string>(0).ShouldBe("half");
        var child = timeout.InnerException.ShouldBeOfType<ChildWorkflowFailureException>();
        (child.Namespace, child.WorkflowId, child.RunId, child.WorkflowType).ShouldBe(("ns", "w", "r", "W"));
        var server = child.InnerException.ShouldBeOfType<TerminatedFailureException>().InnerException.ShouldBeOfType<ServerFailureException>();
        server.NonRetryable.ShouldBeTrue();
        server.InnerException.ShouldBeOfType<FailureException>().Message.ShouldBe("plain");
    }

    [Fact]
    public void AFailureThatCameGoesOnUnchanged()
    {
        var failure = Activity(new Failure { Message = "why", StackTrace = "at Remote()", Source = "GoSDK", ApplicationFailureInfo = new() { Type = "T" } });
        var exception = Converter.ToException(failure.Clone(), Payloads);
        Converter.ToFailure(Thrown(exception), Payloads).ShouldBe(failure);
    }

    [Fact]
    public void ARemoteTraceIsShownUntilTheExceptionIsThrownHere()
    {
        var exception = Converter.ToException(new Failure { Message = "m", StackTrace = "at Remote()", ApplicationFailureInfo = new() }, Payloads);
        exception.StackTrace.ShouldBe("at Remote()");
        Thrown(exception).StackTrace!.ShouldContain(nameof(Thrown));
    }

    [Fact]
    public void AnExceptionThatOnlyAServerMakesCannotBeSent() =>
        Should.Throw<ArgumentException>(() => Converter.ToFailure(new ScheduleAlreadyRunningException(), Payloads))
            .Message.ShouldContain(nameof(ScheduleAlreadyRunningException));

    static Failure Activity(Failure cause) => new()
    {
        Message = "activity", Cause = cause,
        ActivityFailureInfo = new() { ActivityType = new() { Name = "Write" }, ActivityId = "5", RetryState = RetryState.MaximumAttemptsReached },
    };

    static Failure Timeout(Failure cause) => new()
    {
        Message = "timeout", Cause = cause,
        TimeoutFailureInfo = new() { TimeoutType = TimeoutType.Heartbeat, LastHeartbeatDetails = new() { Payloads_ = { Payloads.ToPayload("half") } } },
    };

    static Failure Child(Failure cause) => new()
    {
        Message = "child", Cause = cause,
        ChildWorkflowExecutionFailureInfo = new() { Namespace = "ns", WorkflowExecution = new() { WorkflowId = "w", RunId = "r" }, WorkflowType = new() { Name = "W" } },
    };

    static Failure Terminated(Failure cause) => new() { Message = "terminated", Cause = cause, TerminatedFailureInfo = new() };

    static Failure Server(Failure cause) => new() { Message = "server", Cause = cause, ServerFailureInfo = new() { NonRetryable = true } };

    static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception e)
        {
            return e;
        }
    }
}
