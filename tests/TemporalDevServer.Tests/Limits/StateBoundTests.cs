using Google.Protobuf;
using Grpc.Core;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Journal;
using TemporalDevServer.Tests.Reads;

namespace TemporalDevServer.Tests.Limits;

/// <summary>What callers can put into a snapshot's first record, and into what lists show.</summary>
public sealed class StateBoundTests
{
    const int NamespacesMax = 1000;
    const int NamespaceBytesMax = 64 * 1024;

    readonly EngineRig _rig = new();

    public static TheoryData<IMessage> TooLargeForANamespace => new()
    {
        Registered("large", new string('d', NamespaceBytesMax)),
        new UpdateNamespaceRequest
        {
            Namespace = "default", UpdateInfo = new() { Description = new string('d', NamespaceBytesMax) },
        },
        new UpdateNamespaceRequest
        {
            Namespace = "default", UpdateInfo = new() { OwnerEmail = new string('d', NamespaceBytesMax) },
        },
        new UpdateNamespaceRequest
        {
            Namespace = "default", UpdateInfo = new() { Data = { ["k"] = new string('d', NamespaceBytesMax) } },
        },
        new AddSearchAttributesRequest
        {
            Namespace = "default",
            SearchAttributes = { [new string('n', NamespaceBytesMax)] = IndexedValueType.Keyword },
        },
    };

    [Theory]
    [MemberData(nameof(TooLargeForANamespace))]
    public void ANamespaceTakesNoMoreThanItMay(IMessage request)
    {
        Refused(request, StatusCode.InvalidArgument).Message.ShouldContain("65536 are allowed");
        _rig.Call<ListNamespacesResponse>(new ListNamespacesRequest()).CalculateSize().ShouldBeLessThan(1000);
    }

    [Fact]
    public void ManySmallChangesOfANamespaceAreBoundedTogether()
    {
        for (var i = 0; i < 6; i++) _rig.Call<UpdateNamespaceResponse>(Change(i));
        Refused(Change(6), StatusCode.InvalidArgument);

        static UpdateNamespaceRequest Change(int i) => new()
        {
            Namespace = "default", UpdateInfo = new() { Data = { [$"{i}"] = new string('d', 10_000) } },
        };
    }

    [Fact]
    public void ARefusedChangeOfANamespaceChangesNothing()
    {
        Refused(
            new UpdateNamespaceRequest
            {
                Namespace = "default",
                UpdateInfo = new() { Description = "changed" },
                Config = new() { WorkflowExecutionRetentionTtl = new() { Seconds = 1 } },
            },
            StatusCode.InvalidArgument);
        _rig.Call<DescribeNamespaceResponse>(new DescribeNamespaceRequest { Namespace = "default" })
            .NamespaceInfo.Description.ShouldBe("");
    }

    [Fact]
    public void ThereAreAThousandNamespacesAtMostAndTheyAreListedByPages()
    {
        for (var i = 1; i < NamespacesMax; i++) _rig.Call<RegisterNamespaceResponse>(Registered($"n{i}", "some"));
        Refused(Registered("one-more", ""), StatusCode.ResourceExhausted).Message.ShouldBe(
            "The server has 1000 namespaces, and 1000 are allowed.");

        var names = new List<string>();
        var request = new ListNamespacesRequest { PageSize = 30 };
        do
        {
            var page = _rig.Call<ListNamespacesResponse>(request);
            page.Namespaces.Count.ShouldBeInRange(1, 30);
            names.AddRange(page.Namespaces.Select(each => each.NamespaceInfo.Name));
            request.NextPageToken = page.NextPageToken;
        }
        while (!request.NextPageToken.IsEmpty && names.Count <= NamespacesMax);
        names.ShouldBe([.. Enumerable.Range(1, NamespacesMax - 1).Select(i => $"n{i}").Prepend("default")]);
    }

    [Fact]
    public void AllThatCallersSayOfNamespacesFitsIntoASnapshot()
    {
        var description = new string('d', NamespaceBytesMax - 500);
        for (var i = 1; i < NamespacesMax; i++) _rig.Call<RegisterNamespaceResponse>(Registered($"n{i}", description));
        _rig.Engine.State.CalculateSize().ShouldBeLessThan(JournalFiles.StateOptions.RecordBytesMax);
        _rig.Call<ListNamespacesResponse>(new ListNamespacesRequest()).CalculateSize()
            .ShouldBeLessThan(4 * 1024 * 1024);
    }

    public static TheoryData<IMessage> TooLong => new()
    {
        Registered(new string('n', 1001), ""),
        new DescribeNamespaceRequest { Namespace = new string('n', 1001) },
        new DescribeWorkflowExecutionRequest
        {
            Namespace = "default", Execution = new() { WorkflowId = new string('n', 1001) },
        },
        new PollWorkflowTaskQueueRequest
        {
            Namespace = "default", TaskQueue = new() { Name = "q" }, Identity = new string('n', 1001),
        },
        new PollActivityTaskQueueRequest
        {
            Namespace = "default", TaskQueue = new() { Name = "q" }, Identity = new string('n', 1001),
        },
    };

    [Theory]
    [MemberData(nameof(TooLong))]
    public void ANameOverAThousandCharactersIsRefusedAndNotRepeated(IMessage request) =>
        Refused(request, StatusCode.InvalidArgument).Message.ShouldEndWith("length exceeds limit.");

    [Fact]
    public void TheNameOfAStickyQueueIsBoundedToo()
    {
        Refused(
            new RespondWorkflowTaskCompletedRequest
            {
                Namespace = "default",
                TaskToken = Polled().TaskToken,
                StickyAttributes = new() { WorkerTaskQueue = new() { Name = new string('n', 1001) } },
            },
            StatusCode.InvalidArgument).Message.ShouldBe("TaskQueue length exceeds limit.");
    }

    [Fact]
    public void WhoPollsManyQueuesIsRefusedAndTheOthersAreNot()
    {
        IMessage Poll(string queue) => new PollActivityTaskQueueRequest
        {
            Namespace = "default", TaskQueue = new() { Name = queue },
        };
        var calls = Enumerable.Range(0, 10_000).Select(i => _rig.Begin(Poll($"{i}"))).ToArray();
        foreach (var call in calls) _rig.ReplyTo(call).ShouldBeNull();
        Refused(Poll("one-more"), StatusCode.ResourceExhausted);
        _rig.ReplyTo(_rig.Begin(Poll("0"))).ShouldBeNull();

        foreach (var call in calls) _rig.Step(new AbandonInput(call));
        _rig.Pass(TimeSpan.FromMinutes(10));
        _rig.ReplyTo(_rig.Begin(Poll("one-more"))).ShouldBeNull();
        _rig.Engine.State.TaskQueues.Select(queue => queue.Name).ShouldBe(["0", "one-more"]);
    }

    /// <summary>Each change is small; together they are what a list shows.</summary>
    [Fact]
    public void AMemoIsBoundedHoweverItHasGrown()
    {
        var token = Polled().TaskToken;
        var commands = Enumerable.Range(0, 3).Select(i => new Command
        {
            CommandType = CommandType.ModifyWorkflowProperties,
            ModifyWorkflowPropertiesCommandAttributes = new()
            {
                UpsertedMemo = new() { Fields = { [$"{i}"] = Data(new byte[800_000]) } },
            },
        });
        Refused(
            new RespondWorkflowTaskCompletedRequest
            {
                Namespace = "default", TaskToken = token, Commands = { commands },
            },
            StatusCode.InvalidArgument).Message.ShouldContain("UpsertedMemo exceeds size limit.");
    }

    [Fact]
    public void SoAreItsSearchAttributes()
    {
        var names = Enumerable.Range(0, 30).Select(i => $"A{i}").ToArray();
        _rig.Call<AddSearchAttributesResponse>(new AddSearchAttributesRequest
        {
            Namespace = "default", SearchAttributes = { names.ToDictionary(name => name, _ => IndexedValueType.Keyword) },
        });
        var token = Polled().TaskToken;
        var value = System.Text.Encoding.UTF8.GetBytes($"\"{new string('v', 2000)}\"");
        var commands = names.Select(name => new Command
        {
            CommandType = CommandType.UpsertWorkflowSearchAttributes,
            UpsertWorkflowSearchAttributesCommandAttributes = new()
            {
                SearchAttributes = new() { IndexedFields = { [name] = Data(value) } },
            },
        });
        Refused(
            new RespondWorkflowTaskCompletedRequest
            {
                Namespace = "default", TaskToken = token, Commands = { commands },
            },
            StatusCode.InvalidArgument).Message.ShouldContain("total size of search attributes");
    }

    PollWorkflowTaskQueueResponse Polled()
    {
        _rig.Start("a");
        return _rig.Call<PollWorkflowTaskQueueResponse>(
            new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } });
    }

    ServiceError Refused(IMessage request, StatusCode code)
    {
        var error = Should.Throw<ServiceError>(() => _rig.Call<IMessage>(request));
        error.Code.ShouldBe(code);
        return error;
    }

    static RegisterNamespaceRequest Registered(string name, string description) => new()
    {
        Namespace = name,
        Description = description,
        WorkflowExecutionRetentionPeriod = new() { Seconds = 864_000 },
    };

    static Payload Data(byte[] bytes) => new() { Data = ByteString.CopyFrom(bytes) };
}
