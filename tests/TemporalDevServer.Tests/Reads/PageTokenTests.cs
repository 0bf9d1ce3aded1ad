using Google.Protobuf;
using Grpc.Core;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Engine.State;

namespace TemporalDevServer.Tests.Reads;

/// <summary>Only a token that the server has given leads to a page.</summary>
public sealed class PageTokenTests
{
    static readonly string SomeRun = "0b1c9d5e-6a1f-4c55-9d3e-3f6d3a0f9a11";
    readonly EngineRig _rig = new();

    public static TheoryData<string> Requests =>
        [.. typeof(StartWorkflowExecutionRequest).Assembly.GetTypes()
            .Where(type => type.GetProperty("NextPageToken")?.PropertyType == typeof(ByteString)
                && type.IsAssignableTo(typeof(IMessage)) && Calls.Of(type) is not null)
            .Select(type => type.FullName!).Order()];

    [Theory]
    [MemberData(nameof(Requests))]
    public void ATokenOfNoMeaningIsRefusedByEveryCallThatTakesOne(string name)
    {
        var run = _rig.Start("a");
        foreach (var token in (byte[][])[[0], [0xff], [8, 1, 8, 1], [0x7a, 1, 0], "garbage"u8.ToArray()])
            foreach (var named in (bool[])[true, false])
                Refused(RequestOf(name, named ? run : null, token)).Message.ShouldBe(
                    "Invalid NextPageToken.", Convert.ToHexString(token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    [InlineData((long)int.MaxValue + 2)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void ATokenForAnEventThatIsNotThereIsRefused(long eventId)
    {
        var token = new HistoryToken { RunId = _rig.Start("a"), NextEventId = eventId, IsWorkflowRunning = true };
        foreach (var request in HistoryReads("a", "", token.ToByteString()))
            Refused(request).Message.ShouldBe("Invalid NextPageToken.");
    }

    [Fact]
    public void ATokenWithoutAnExecutionIsRefusedAndSoIsOneOfAnotherRun()
    {
        var token = new HistoryToken { RunId = _rig.Start("a"), NextEventId = 1 }.ToByteString();
        Refused(new GetWorkflowExecutionHistoryRequest { Namespace = "default", NextPageToken = token })
            .Message.ShouldBe("WorkflowId is not set on request.");
        Refused(new GetWorkflowExecutionHistoryReverseRequest { Namespace = "default", NextPageToken = token })
            .Message.ShouldBe("WorkflowId is not set on request.");
        foreach (var request in HistoryReads("a", SomeRun, token))
            Refused(request).Message.ShouldBe("RunID in the request does not match the NextPageToken.");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 32)]
    public void ATokenForAPlaceThatNoListHasIsRefused(long offset)
    {
        _rig.Start("a");
        Refused(new ListWorkflowExecutionsRequest
        {
            Namespace = "default", NextPageToken = new ListToken { Offset = offset }.ToByteString(),
        }).Message.ShouldBe("Invalid NextPageToken.");
    }

    static IMessage[] HistoryReads(string workflow, string run, ByteString token) =>
    [
        new GetWorkflowExecutionHistoryRequest
        {
            Namespace = "default", Execution = new() { WorkflowId = workflow, RunId = run }, NextPageToken = token,
        },
        new GetWorkflowExecutionHistoryReverseRequest
        {
            Namespace = "default", Execution = new() { WorkflowId = workflow, RunId = run }, NextPageToken = token,
        },
    ];

    static IMessage RequestOf(string name, string? run, byte[] token)
    {
        var type = typeof(StartWorkflowExecutionRequest).Assembly.GetType(name)!;
        var request = (IMessage)Activator.CreateInstance(type)!;
        type.GetProperty("Namespace")?.SetValue(request, "default");
        if (run is not null)
            type.GetProperty("Execution")?.SetValue(
                request, new Temporalio.Api.Common.V1.WorkflowExecution { WorkflowId = "a", RunId = run });
        type.GetProperty("NextPageToken")!.SetValue(request, ByteString.CopyFrom(token));
        return request;
    }

    ServiceError Refused(IMessage request)
    {
        var error = Should.Throw<ServiceError>(() => _rig.Call<IMessage>(request));
        error.Code.ShouldBe(StatusCode.InvalidArgument, request.GetType().Name);
        return error;
    }
}
