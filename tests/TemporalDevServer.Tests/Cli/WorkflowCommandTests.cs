namespace TemporalDevServer.Tests.Cli;

/// <summary><c>temporal workflow …</c> on the embedded server.</summary>
public sealed class WorkflowCommandTests(CliFixture cli) : IClassFixture<CliFixture>
{
    public const string Nobody = "nobody";

    [SkippableFact]
    public async Task AWorkflowIsStartedSignalledQueriedUpdatedAndItsResultRead()
    {
        RealServers.SkipIfMissing();
        (await cli.StartAsync("way", 5)).ShouldContain("way");
        await cli.OutputOfAsync("workflow", "signal", "-w", "way", "--name", "add", "--input", "2");
        (await cli.OutputOfAsync("workflow", "query", "-w", "way", "--type", "total")).ShouldContain("2");
        (await cli.OutputOfAsync("workflow", "update", "execute", "-w", "way", "--name", "change", "--input", "3"))
            .ShouldContain("2");
        await cli.OutputOfAsync("workflow", "signal", "-w", "way", "--name", "add", "--input", "4");
        var result = await cli.OutputOfAsync("workflow", "result", "-w", "way");
        result.ShouldContain("COMPLETED");
        result.ShouldContain("counted 7");
        (await cli.OutputOfAsync("workflow", "query", "-w", "way", "--type", "total")).ShouldContain("7");
    }

    [SkippableFact]
    public async Task AWorkflowIsExecutedAndItsEventsAreShownAsTheyCome()
    {
        RealServers.SkipIfMissing();
        var said = await cli.OutputOfAsync(
            "workflow", "execute", "--type", "Counter", "--task-queue", CliFixture.TaskQueue, "--workflow-id",
            "executed", "--input", "0");
        string[] parts = ["WorkflowExecutionStarted", "WorkflowTaskCompleted", "WorkflowExecutionCompleted", "counted 0"];
        foreach (var part in parts)
            said.ShouldContain(part);
    }

    [SkippableFact]
    public async Task WorkflowsAreListedAndCountedByWhatTheyAre()
    {
        RealServers.SkipIfMissing();
        await cli.StartAsync("listed-1", 0);
        await cli.StartAsync("listed-2", 9);
        await cli.OutputOfAsync("workflow", "result", "-w", "listed-1");
        const string Both = "WorkflowId STARTS_WITH 'listed-'";
        var list = await cli.OutputOfAsync("workflow", "list", "--query", Both);
        list.ShouldContain("listed-1");
        list.ShouldContain("listed-2");
        list.ShouldContain("Counter");
        (await cli.OutputOfAsync("workflow", "list", "--query", $"{Both} AND ExecutionStatus = 'Running'"))
            .ShouldNotContain("listed-1");
        (await cli.OutputOfAsync("workflow", "count", "--query", Both)).Trim().ShouldBe("Total: 2");
        var groups = await cli.OutputOfAsync("workflow", "count", "--query", $"{Both} GROUP BY ExecutionStatus");
        groups.ShouldContain("Group total: 1, values: Running");
        groups.ShouldContain("Group total: 1, values: Completed");
        (await cli.ErrorOfAsync("workflow", "list", "--query", "Nonsense = 1")).ShouldContain("Nonsense");
    }

    [SkippableFact]
    public async Task AWorkflowIsDescribedAndItsHistoryShown()
    {
        RealServers.SkipIfMissing();
        await cli.StartAsync("described", 9, Nobody);
        var described = await cli.OutputOfAsync("workflow", "describe", "-w", "described");
        foreach (var part in (string[])["Counter", Nobody, "counts to 9", "HistoryLength", "Pending Activities: 0"])
            described.ShouldContain(part);
        var shown = await cli.OutputOfAsync("workflow", "show", "-w", "described");
        shown.ShouldContain("WorkflowExecutionStarted");
        shown.ShouldContain("WorkflowTaskScheduled");
        (await cli.OutputOfAsync("workflow", "show", "-w", "described", "-o", "json")).ShouldContain(
            "\"eventType\": \"EVENT_TYPE_WORKFLOW_EXECUTION_STARTED\"");
    }

    [SkippableFact]
    public async Task AWorkflowIsCancelled()
    {
        RealServers.SkipIfMissing();
        await cli.StartAsync("cancelled", 9);
        await cli.OutputOfAsync("workflow", "cancel", "-w", "cancelled");
        (await cli.ErrorOfAsync("workflow", "result", "-w", "cancelled")).ShouldContain("CANCELED");
        (await cli.OutputOfAsync("workflow", "show", "-w", "cancelled")).ShouldContain(
            "WorkflowExecutionCancelRequested");
    }

    [SkippableFact]
    public async Task AWorkflowIsTerminatedWithItsReason()
    {
        RealServers.SkipIfMissing();
        await cli.StartAsync("terminated", 9);
        await cli.OutputOfAsync("workflow", "terminate", "-w", "terminated", "--reason", "enough of it");
        (await cli.OutputOfAsync("workflow", "show", "-w", "terminated", "-o", "json")).ShouldContain("enough of it");
        (await cli.OutputOfAsync("workflow", "describe", "-w", "terminated", "-o", "json")).ShouldContain(
            "WORKFLOW_EXECUTION_STATUS_TERMINATED");
        (await cli.ErrorOfAsync("workflow", "signal", "-w", "terminated", "--name", "add", "--input", "1"))
            .ShouldContain("already completed");
    }

    [SkippableFact]
    public async Task ADeletedWorkflowIsGone()
    {
        RealServers.SkipIfMissing();
        await cli.StartAsync("deleted", 0);
        await cli.OutputOfAsync("workflow", "result", "-w", "deleted");
        await cli.OutputOfAsync("workflow", "delete", "-w", "deleted");
        (await cli.ErrorOfAsync("workflow", "describe", "-w", "deleted")).ShouldContain("not found");
        (await cli.OutputOfAsync("workflow", "count", "--query", "WorkflowId = 'deleted'")).Trim().ShouldBe("Total: 0");
    }

    [SkippableFact]
    public async Task ASecondStartUnderARunningIdIsRefused()
    {
        RealServers.SkipIfMissing();
        await cli.StartAsync("twice", 9, Nobody);
        (await cli.ErrorOfAsync(
            "workflow", "start", "--type", "Counter", "--task-queue", Nobody, "--workflow-id", "twice",
            "--fail-existing", "--id-conflict-policy", "Fail"))
            .ShouldContain("already");
    }

    [SkippableFact]
    public async Task ACallThatIsNotThereIsNamed()
    {
        RealServers.SkipIfMissing();
        (await cli.ErrorOfAsync(
            "schedule", "create", "--schedule-id", "s", "--interval", "1h", "--type", "Counter", "--task-queue", Nobody,
            "--workflow-id", "scheduled"))
            .ShouldContain("CreateSchedule");
    }
}
