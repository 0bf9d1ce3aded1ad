using LogPipeline.TestSupport;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;

namespace LogPipeline.TemporalConformance.Client;

/// <summary>What the client does is right when Temporal itself accepts it.</summary>
public abstract class ClientOnAServerTests(ITemporalServer server) : IAsyncLifetime
{
    const string Queue = "nobody-polls-here";
    TemporalClient _client = null!;

    string Address => server.Address;

    public async Task InitializeAsync()
    {
        if (server is EmbeddedServer || RealServers.MissingBecause is null) _client = await TemporalClient.ConnectAsync(new(Address));
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [SkippableFact]
    public async Task AServerThatRunsIsHealthy()
    {
        server.SkipIfMissing();
        _client.Connection.IsConnected.ShouldBeTrue();
        (await _client.Connection.CheckHealthAsync()).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task WhatAWorkflowIsStartedWithIsWhatItsDescriptionSays()
    {
        server.SkipIfMissing();
        var handle = await StartAsync(options =>
        {
            options.Memo = new Dictionary<string, object> { ["batch"] = "17 records", ["bytes"] = 512 };
            options.StaticSummary = "17 records of orders";
            options.StaticDetails = "line one\nline two";
            options.ExecutionTimeout = TimeSpan.FromMinutes(5);
            options.RetryPolicy = new() { MaximumAttempts = 3 };
            options.Priority = new(2);
        });

        var description = await handle.DescribeAsync();
        description.Status.ShouldBe(WorkflowExecutionStatus.Running);
        description.Id.ShouldBe(handle.Id);
        description.RunId.ShouldBe(handle.ResultRunId);
        description.WorkflowType.ShouldBe("Sleeper");
        description.TaskQueue.ShouldBe(Queue);
        description.CloseTime.ShouldBeNull();
        (DateTime.UtcNow - description.StartTime).ShouldBeLessThan(TimeSpan.FromMinutes(1));
        (await description.Memo["batch"].ToValueAsync<string>()).ShouldBe("17 records");
        (await description.Memo["bytes"].ToValueAsync<int>()).ShouldBe(512);
        (await description.GetStaticSummaryAsync()).ShouldBe("17 records of orders");
        (await description.GetStaticDetailsAsync()).ShouldBe("line one\nline two");
    }

    [SkippableFact]
    public async Task WhatAWorkflowIsStartedWithStandsInItsFirstEvent()
    {
        server.SkipIfMissing();
        var handle = await StartAsync(options =>
        {
            options.ExecutionTimeout = TimeSpan.FromMinutes(5);
            options.RunTimeout = TimeSpan.FromSeconds(240.5);
            options.TaskTimeout = TimeSpan.FromSeconds(7.25);
            options.StartDelay = TimeSpan.FromMinutes(1);
            options.RetryPolicy = new() { MaximumAttempts = 3 };
            options.Priority = new(2);
            options.VersioningOverride = new VersioningOverride.Pinned(new("shop", "1.0"));
        });
        var started = (await handle.FetchHistoryAsync()).Events.First().WorkflowExecutionStartedEventAttributes;
        started.WorkflowExecutionTimeout.ToTimeSpan().ShouldBe(TimeSpan.FromMinutes(5));
        started.WorkflowRunTimeout.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(240.5));
        started.WorkflowTaskTimeout.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(7.25));
        started.FirstWorkflowTaskBackoff.ToTimeSpan().ShouldBe(TimeSpan.FromMinutes(1));
        started.RetryPolicy.MaximumAttempts.ShouldBe(3);
        started.Priority.PriorityKey.ShouldBe(2);
        started.VersioningOverride.Pinned.Version.BuildId.ShouldBe("1.0");
        (await handle.RawDescriptionAsync(_client)).WorkflowExecutionInfo.VersioningInfo.VersioningOverride
            .Pinned.Version.DeploymentName.ShouldBe("shop");

        var moving = await StartAsync(options => options.VersioningOverride = new VersioningOverride.AutoUpgrade());
        (await moving.FetchHistoryAsync()).Events.First().WorkflowExecutionStartedEventAttributes
            .VersioningOverride.AutoUpgrade.ShouldBeTrue();
    }

    [SkippableFact]
    public async Task ASecondStartOfARunningIdIsRefusedAndNamesTheRun()
    {
        server.SkipIfMissing();
        var first = await StartAsync();
        var error = await Should.ThrowAsync<WorkflowAlreadyStartedException>(
            () => _client.StartWorkflowAsync("Sleeper", [], new(first.Id, Queue)));
        error.WorkflowId.ShouldBe(first.Id);
        error.WorkflowType.ShouldBe("Sleeper");
        error.RunId.ShouldBe(first.ResultRunId);
    }

    [SkippableFact]
    public async Task AConflictPolicyOfUseExistingAnswersWithTheRunThatIsThere()
    {
        server.SkipIfMissing();
        var first = await StartAsync();
        var second = await _client.StartWorkflowAsync(
            "Sleeper", [], new(first.Id, Queue) { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting });
        second.ResultRunId.ShouldBe(first.ResultRunId);
    }

    [SkippableFact]
    public async Task AStartThatIsRepeatedWithItsRequestIdIsOneStart()
    {
        server.SkipIfMissing();
        var request = new StartWorkflowExecutionRequest
        {
            Namespace = "default",
            WorkflowId = $"sleeper-{Guid.NewGuid():n}",
            WorkflowType = new() { Name = "Sleeper" },
            TaskQueue = new() { Name = Queue },
            RequestId = "request-1",
        };
        var first = await _client.WorkflowService.StartWorkflowExecutionAsync(request);
        var again = await _client.WorkflowService.StartWorkflowExecutionAsync(request);
        again.RunId.ShouldBe(first.RunId);
    }

    [SkippableFact]
    public async Task AReusePolicyOfRejectDuplicateRefusesAClosedIdToo()
    {
        server.SkipIfMissing();
        var first = await StartAsync();
        await first.TerminateAsync();
        await Should.ThrowAsync<WorkflowAlreadyStartedException>(() => _client.StartWorkflowAsync(
            "Sleeper", [], new(first.Id, Queue) { IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate }));
    }

    [SkippableFact]
    public async Task AReusePolicyOfFailedOnlyTakesATerminatedIdAndRefusesACompletedOne()
    {
        server.SkipIfMissing();
        var terminated = await StartAsync();
        await terminated.TerminateAsync();
        var options = new WorkflowOptions(terminated.Id, $"reuse-{Guid.NewGuid():n}")
        {
            IdReusePolicy = WorkflowIdReusePolicy.AllowDuplicateFailedOnly,
        };
        var again = await _client.StartWorkflowAsync("Sleeper", [], options);
        again.ResultRunId.ShouldNotBe(terminated.ResultRunId);
        await _client.CompleteAsync(await _client.PollAsync(options.TaskQueue!), new Command
        {
            CommandType = CommandType.CompleteWorkflowExecution, CompleteWorkflowExecutionCommandAttributes = new(),
        });
        await Should.ThrowAsync<WorkflowAlreadyStartedException>(() => _client.StartWorkflowAsync("Sleeper", [], options));
    }

    [SkippableFact]
    public async Task AConflictPolicyOfTerminateExistingEndsTheRunThatIsThere()
    {
        server.SkipIfMissing();
        var first = await StartAsync();
        var second = await _client.StartWorkflowAsync(
            "Sleeper", [], new(first.Id, Queue) { IdConflictPolicy = WorkflowIdConflictPolicy.TerminateExisting });
        second.ResultRunId.ShouldNotBe(first.ResultRunId);
        (await _client.GetWorkflowHandle(first.Id, first.ResultRunId).DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Terminated);
        (await _client.GetWorkflowHandle(first.Id).DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
    }

    [SkippableFact]
    public async Task TheResultOfATerminatedWorkflowIsItsReasonAndDetails()
    {
        server.SkipIfMissing();
        var handle = await StartAsync();
        var result = handle.GetResultAsync<string>();
        await handle.TerminateAsync("enough of it", new() { Details = ["why", 7] });

        var failure = (await Should.ThrowAsync<WorkflowFailedException>(() => result))
            .InnerException.ShouldBeOfType<TerminatedFailureException>();
        failure.Message.ShouldBe("enough of it");
        failure.Details!.ElementAt<string>(0).ShouldBe("why");
        failure.Details!.ElementAt<int>(1).ShouldBe(7);
    }

    [SkippableFact]
    public async Task TheResultOfAWorkflowThatRanOutOfTimeIsATimeout()
    {
        server.SkipIfMissing();
        var handle = await StartAsync(options => options.ExecutionTimeout = TimeSpan.FromSeconds(1));
        var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
        failure.InnerException.ShouldBeOfType<TimeoutFailureException>().TimeoutType.ShouldBe(TimeoutType.StartToClose);
    }

    [SkippableFact]
    public async Task TheHistoryHoldsInputSignalAndCancellationInOrder()
    {
        server.SkipIfMissing();
        var handle = await StartAsync(input: ["first", 2]);
        await handle.SignalAsync("poke", ["hard"]);
        await handle.CancelAsync();

        var history = await handle.FetchHistoryAsync();
        history.Id.ShouldBe(handle.Id);
        history.Events.Select(each => each.EventType).ShouldBe(
        [
            EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled,
            EventType.WorkflowExecutionSignaled, EventType.WorkflowExecutionCancelRequested,
        ]);
        var started = history.Events.First().WorkflowExecutionStartedEventAttributes;
        started.Identity.ShouldBe(_client.Connection.Options.Identity);
        started.Input.Payloads_.Select(payload => payload.Data.ToStringUtf8()).ShouldBe(["\"first\"", "2"]);
        WorkflowHistory.FromJson(handle.Id, history.ToJson()).Events.ShouldBe(history.Events);
    }

    [SkippableFact]
    public async Task ASignalWithStartStartsOnceAndSignalsEachTime()
    {
        server.SkipIfMissing();
        var options = new WorkflowOptions($"signalled-{Guid.NewGuid():n}", Queue);
        options.SignalWithStart("poke", ["hard"]);
        var first = await _client.StartWorkflowAsync("Sleeper", [], options);
        var second = await _client.StartWorkflowAsync("Sleeper", [], options);
        second.ResultRunId.ShouldBe(first.ResultRunId);
        var history = await first.FetchHistoryAsync();
        history.Events.Count(each => each.EventType == EventType.WorkflowExecutionSignaled).ShouldBe(2);
    }

    [SkippableFact]
    public async Task ASignalWithStartCarriesAllThatAStartDoes()
    {
        server.SkipIfMissing();
        var handle = await StartAsync(options =>
        {
            options.SignalWithStart("poke", ["hard", 2]);
            options.Memo = new Dictionary<string, object> { ["batch"] = "17 records" };
            options.StaticSummary = "17 records of orders";
            options.StartDelay = TimeSpan.FromMinutes(1);
            options.Priority = new(4);
            options.TypedSearchAttributes = new SearchAttributeCollection.Builder()
                .Set(SearchAttributeKey.CreateKeywordList("BuildIds"), ["a"]).ToSearchAttributeCollection();
        }, ["input"]);
        var description = await handle.DescribeAsync();
        (await description.Memo["batch"].ToValueAsync<string>()).ShouldBe("17 records");
        (await description.GetStaticSummaryAsync()).ShouldBe("17 records of orders");
        description.TypedSearchAttributes.Get(SearchAttributeKey.CreateKeywordList("BuildIds")).ShouldBe(["a"]);
        var events = (await handle.FetchHistoryAsync()).Events.ToArray();
        var started = events[0].WorkflowExecutionStartedEventAttributes;
        started.Input.Payloads_.Single().Data.ToStringUtf8().ShouldBe("\"input\"");
        started.FirstWorkflowTaskBackoff.ToTimeSpan().ShouldBe(TimeSpan.FromMinutes(1));
        started.Priority.PriorityKey.ShouldBe(4);
        var signaled = events.Single(e => e.EventType == EventType.WorkflowExecutionSignaled).WorkflowExecutionSignaledEventAttributes;
        signaled.Input.Payloads_.Select(payload => payload.Data.ToStringUtf8()).ShouldBe(["\"hard\"", "2"]);
    }

    [SkippableFact]
    public async Task AQueryThatNoWorkerAnswersEndsAtItsDeadline()
    {
        server.SkipIfMissing();
        var handle = await StartAsync();
        var error = await Should.ThrowAsync<RpcException>(() => handle.QueryAsync<string>(
            "anything", [], new() { Rpc = new() { Timeout = TimeSpan.FromSeconds(1) } }));
        // Which of the two sides is quicker to see it is chance.
        error.Code.ShouldBeOneOf(
            RpcException.StatusCode.DeadlineExceeded, RpcException.StatusCode.Cancelled, RpcException.StatusCode.FailedPrecondition);
    }

    [SkippableFact]
    public async Task ListsAndCountsFindWhatWasStarted()
    {
        server.SkipIfMissing();
        var type = $"Listed{Guid.NewGuid():n}";
        for (var i = 0; i < 3; i++) await _client.StartWorkflowAsync(type, [], new($"{type}-{i}", Queue));

        var query = $"WorkflowType = '{type}'";
        await Eventually.GetAsync(
            async () => (await _client.CountWorkflowsAsync(query)).Count, count => count == 3, TimeSpan.FromSeconds(20));
        var pages = new WorkflowListPaginatedOptions { PageSize = 2 };
        var first = await _client.ListWorkflowsPaginatedAsync(query, null, pages);
        first.Workflows.Count.ShouldBe(2);
        (await _client.ListWorkflowsPaginatedAsync(query, first.NextPageToken, pages)).Workflows.Count.ShouldBe(1);

        var ids = new List<string>();
        await foreach (var execution in _client.ListWorkflowsAsync(query, new() { Limit = 2 })) ids.Add(execution.Id);
        ids.Count.ShouldBe(2);
        ids.ShouldAllBe(id => id.StartsWith(type));

        var grouped = await _client.CountWorkflowsAsync($"{query} GROUP BY ExecutionStatus");
        grouped.Groups.Single().GroupValues.Single().ShouldBe("Running");
        grouped.Groups.Single().Count.ShouldBe(3);
    }

    [SkippableFact]
    public async Task ANamespaceThatIsNotThereIsNamedInTheError()
    {
        server.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(Address) { Namespace = "no-such-place" });
        var error = await Should.ThrowAsync<RpcException>(() => client.StartWorkflowAsync("Sleeper", [], new("id", Queue)));
        error.Code.ShouldBe(RpcException.StatusCode.NotFound);
        error.Message.ShouldContain("no-such-place");
        error.GrpcStatus.Value!.Details.Single().Is(Temporalio.Api.ErrorDetails.V1.NamespaceNotFoundFailure.Descriptor).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task APayloadOverTheServersLimitIsRefusedAtOnceAndNotRetried()
    {
        server.SkipIfMissing();
        var random = new byte[3 << 20];
        new Random(1).NextBytes(random);
        var error = await Should.ThrowAsync<RpcException>(() => StartAsync(input: [random]));
        error.Message.ShouldContain("exceeds limit");
        error.Code.ShouldBe(RpcException.StatusCode.InvalidArgument);
    }

    [SkippableFact]
    public async Task AMessageOverTheServersLimitIsRefusedAtOnceAndNotRetried()
    {
        server.SkipIfMissing();
        var random = new byte[5 << 20];
        new Random(1).NextBytes(random);
        var error = await Should.ThrowAsync<RpcException>(() => StartAsync(input: [random]));
        error.Code.ShouldBe(RpcException.StatusCode.ResourceExhausted);
        error.Message.ShouldContain("larger than max");
    }

    [SkippableFact]
    public async Task APollForWorkGetsTheTaskAndItsHistory()
    {
        server.SkipIfMissing();
        var queue = $"queue-{Guid.NewGuid():n}";
        var poll = _client.WorkflowService.PollWorkflowTaskQueueAsync(new()
        {
            Namespace = "default", TaskQueue = new() { Name = queue }, Identity = "a test",
        });
        var handle = await _client.StartWorkflowAsync("Sleeper", ["in"], new($"polled-{queue}", queue));
        var task = await poll;
        task.WorkflowExecution.RunId.ShouldBe(handle.ResultRunId);
        task.History.Events[0].WorkflowExecutionStartedEventAttributes.WorkflowType.Name.ShouldBe("Sleeper");

        await _client.WorkflowService.RespondWorkflowTaskCompletedAsync(new()
        {
            TaskToken = task.TaskToken,
            Namespace = "default",
            Commands =
            {
                new Temporalio.Api.Command.V1.Command
                {
                    CommandType = CommandType.CompleteWorkflowExecution,
                    CompleteWorkflowExecutionCommandAttributes = new()
                    {
                        Result = new() { Payloads_ = { _client.Options.DataConverter.PayloadConverter.ToPayload("done") } },
                    },
                },
            },
        });
        (await handle.GetResultAsync<string>()).ShouldBe("done");
        (await _client.GetWorkflowHandle(handle.Id).DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Completed);
    }

    Task<WorkflowHandle> StartAsync(Action<WorkflowOptions>? with = null, object?[]? input = null)
    {
        var options = new WorkflowOptions($"sleeper-{Guid.NewGuid():n}", Queue);
        with?.Invoke(options);
        return _client.StartWorkflowAsync("Sleeper", input ?? [], options);
    }
}

[Collection(nameof(OnTemporal))]
public sealed class ClientOnAServerTestsOnTemporal(TemporalServer server) : ClientOnAServerTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class ClientOnAServerTestsOnTheEmbeddedServer(EmbeddedServer server) : ClientOnAServerTests(server);
