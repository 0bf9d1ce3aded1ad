using Google.Protobuf;
using Grpc.Core;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Reads;

/// <summary>Lists by pages, and what only a clock that stands still shows.</summary>
public sealed class ListTests
{
    readonly EngineRig _rig = new();

    [Theory]
    [InlineData(5, 2, "e d|c b|a")]
    [InlineData(4, 2, "d c|b a")]
    [InlineData(3, 1, "c|b|a")]
    [InlineData(3, 0, "c b a")]
    public void EachWorkflowIsOnOnePageTheLastStartedFirst(int workflows, int pageSize, string pages)
    {
        foreach (var id in "abcdefg".Take(workflows)) _rig.Start($"{id}");
        var found = new List<string>();
        var request = new ListWorkflowExecutionsRequest { Namespace = "default", PageSize = pageSize };
        do
        {
            var page = _rig.Call<ListWorkflowExecutionsResponse>(request);
            found.Add(string.Join(' ', page.Executions.Select(each => each.Execution.WorkflowId)));
            request.NextPageToken = page.NextPageToken;
        }
        while (!request.NextPageToken.IsEmpty && found.Count < 10);
        string.Join('|', found).ShouldBe(pages);
    }

    // Waits ten seconds, then runs for sixty.
    [Theory]
    [InlineData("ExecutionDuration = '1m'", "delayed")]
    [InlineData("ExecutionDuration = '0h0m60s'", "delayed")]
    [InlineData("ExecutionDuration = '59s1000ms'", "delayed")]
    [InlineData("ExecutionDuration = '1.0m'", "delayed")]
    [InlineData("ExecutionDuration = '00:01:00'", "delayed")]
    [InlineData("ExecutionDuration = 60000000000", "delayed")]
    [InlineData("ExecutionDuration > '59.9s'", "delayed")]
    [InlineData("StartTime = '2030-01-01T00:00:00Z'", "delayed")]
    [InlineData("StartTime = '2030-01-01T00:00:00'", "delayed")]
    [InlineData("StartTime < 1893456000500000000", "delayed")]
    [InlineData("StartTime > 1893456000500000000", "open")]
    [InlineData("ExecutionTime = '2030-01-01T00:00:10Z'", "delayed")]
    [InlineData("CloseTime = '2030-01-01T00:01:10.000Z'", "delayed")]
    [InlineData("HistoryLength > 0", "delayed")]
    [InlineData("HistoryLength = '3'", "delayed")]
    [InlineData("HistorySizeBytes > 0", "delayed")]
    [InlineData("ExecutionStatus = 'WORKFLOW_EXECUTION_STATUS_TERMINATED'", "delayed")]
    [InlineData("NOT NOT ExecutionStatus = 'Running'", "open")]
    public void TimesAreFoundAsTheyAreWritten(string query, string expected)
    {
        _rig.Start("delayed", request => request.WorkflowStartDelay = new() { Seconds = 10 });
        _rig.Pass(TimeSpan.FromSeconds(70));
        _rig.Terminate("delayed");
        _rig.Start("open");
        Listed(query).ShouldBe(expected);
    }

    [Fact]
    public void ACountByStatusIsTheSumOfItsGroups()
    {
        for (var i = 0; i < 5; i++) _rig.Start($"{i}");
        for (var i = 0; i < 2; i++) _rig.Terminate($"{i}");
        var count = _rig.Call<CountWorkflowExecutionsResponse>(
            new CountWorkflowExecutionsRequest { Namespace = "default", Query = "GROUP BY ExecutionStatus" });
        count.Count.ShouldBe(5);
        count.Groups.Select(group => (group.GroupValues[0].Data.ToStringUtf8(), group.Count))
            .ShouldBe([("\"Running\"", 3), ("\"Terminated\"", 2)]);
    }

    [Theory]
    [InlineData("GROUP BY ExecutionStatus", "only supported for count")]
    [InlineData("WorkflowId = 'a' GROUP BY WorkflowId", "only supported for ExecutionStatus")]
    [InlineData("HistoryLength STARTS_WITH 'a'", "STARTS_WITH needs a Keyword")]
    [InlineData("WorkflowId NOT = 'a'", "NOT is followed by IN, BETWEEN or STARTS_WITH")]
    [InlineData("WorkflowId = a", "texts stand in quotes")]
    [InlineData("WorkflowId = 'a' WorkflowId = 'b'", "unexpected 'WorkflowId'")]
    public void WhatCannotBeListedIsRefused(string query, string why)
    {
        var refused = Should.Throw<ServiceError>(() => Listed(query));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        refused.Message.ShouldContain(why);
    }

    [Fact]
    public void ParenthesesNestFiftyDeepAndNoDeeper()
    {
        _rig.Start("a");
        Listed($"{new string('(', 49)}WorkflowId = 'a'{new string(')', 49)}").ShouldBe("a");
        Should.Throw<ServiceError>(() => Listed($"{new string('(', 50)}WorkflowId = 'a'{new string(')', 50)}"))
            .Message.ShouldContain("nested");
    }

    [Fact]
    public void ANamespacesListIsOfItsOwnWorkflows()
    {
        _rig.Step(new EnsureNamespaceInput("other"));
        _rig.Start("a");
        _rig.Start("b", request => request.Namespace = "other");
        Listed("").ShouldBe("a");
    }

    [Fact]
    public void APollerThatHasNotAskedForFiveMinutesIsNoLongerShown()
    {
        var poll = _rig.Begin(new PollWorkflowTaskQueueRequest
        {
            Namespace = "default",
            TaskQueue = new() { Name = "q" },
            Identity = "w",
        });
        _rig.Step(new AbandonInput(poll));
        _rig.Pass(TimeSpan.FromMinutes(5));
        Pollers().ShouldBe(1);
        _rig.Pass(TimeSpan.FromMinutes(1));
        Pollers().ShouldBe(0);
    }

    [Fact]
    public void AnEagerStartThatIsToWaitGivesNoTask()
    {
        var request = new StartWorkflowExecutionRequest
        {
            Namespace = "default",
            WorkflowId = "a",
            WorkflowType = new() { Name = "W" },
            TaskQueue = new() { Name = "q" },
            RequestEagerExecution = true, WorkflowStartDelay = new() { Seconds = 1 },
        };
        _rig.Call<StartWorkflowExecutionResponse>(request).EagerWorkflowTask.ShouldBeNull();
        (request.WorkflowId, request.WorkflowStartDelay) = ("b", null);
        _rig.Call<StartWorkflowExecutionResponse>(request).EagerWorkflowTask.ShouldNotBeNull();
    }

    [Fact]
    public void AnAttributeThatIsTakenAwayIsNotThere()
    {
        _rig.Call<AddSearchAttributesResponse>(
            new AddSearchAttributesRequest
            {
                Namespace = "default",
                SearchAttributes = { ["Region"] = IndexedValueType.Keyword },
            });
        _rig.Start("a", request => request.SearchAttributes = Region("\"north\""));
        _rig.Start("b", request => request.SearchAttributes = Region("\"north\""));
        var task = _rig.Call<PollWorkflowTaskQueueResponse>(
            new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } });
        _rig.Call<RespondWorkflowTaskCompletedResponse>(new RespondWorkflowTaskCompletedRequest
        {
            Namespace = "default", TaskToken = task.TaskToken,
            Commands =
            {
                new Command
                {
                    CommandType = CommandType.UpsertWorkflowSearchAttributes,
                    UpsertWorkflowSearchAttributesCommandAttributes = new() { SearchAttributes = Region("null") },
                },
            },
        });
        Listed("Region IS NULL").ShouldBe("a");
        Listed("Region = 'north'").ShouldBe("b");
        // Nor is it shown, or counted among those that a run may have.
        _rig.Call<ListWorkflowExecutionsResponse>(new ListWorkflowExecutionsRequest { Namespace = "default" })
            .Executions.ToDictionary(run => run.Execution.WorkflowId, run => run.SearchAttributes.IndexedFields.Count)
            .ShouldBe(new Dictionary<string, int> { ["b"] = 1, ["a"] = 0 });

        static Temporalio.Api.Common.V1.SearchAttributes Region(string json) =>
            new() { IndexedFields = { ["Region"] = new Payload { Data = ByteString.CopyFromUtf8(json) } } };
    }

    int Pollers() => _rig.Call<DescribeTaskQueueResponse>(new DescribeTaskQueueRequest
    {
        Namespace = "default", TaskQueue = new() { Name = "q" }, TaskQueueType = TaskQueueType.Workflow,
    }).Pollers.Count;

    string Listed(string query) => string.Join(' ', _rig.Call<ListWorkflowExecutionsResponse>(
        new ListWorkflowExecutionsRequest { Namespace = "default", Query = query })
            .Executions.Select(each => each.Execution.WorkflowId));
}
