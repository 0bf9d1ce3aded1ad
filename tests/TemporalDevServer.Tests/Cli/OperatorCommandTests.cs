namespace TemporalDevServer.Tests.Cli;

/// <summary><c>temporal operator …</c> and <c>temporal task-queue …</c> on the embedded server.</summary>
public sealed class OperatorCommandTests(CliFixture cli) : IClassFixture<CliFixture>
{
    [SkippableFact]
    public async Task TheClusterIsHealthyAndReportsItself()
    {
        RealServers.SkipIfMissing();
        (await cli.OutputOfAsync("operator", "cluster", "health")).Trim().ShouldBe("SERVING");
        (await cli.OutputOfAsync("operator", "cluster", "describe")).ShouldContain("journal");
        (await cli.OutputOfAsync("operator", "cluster", "system")).ShouldContain("1.29");
        (await cli.OutputOfAsync("operator", "cluster", "list")).ShouldContain("active");
    }

    [SkippableFact]
    public async Task NamespacesAreMadeChangedAndListed()
    {
        RealServers.SkipIfMissing();
        await cli.OutputOfAsync(
            "operator", "namespace", "create", "-n", "made", "--retention", "72h", "--description", "one more");
        var described = await cli.OutputOfAsync("operator", "namespace", "describe", "-n", "made");
        foreach (var part in (string[])["Registered", "72h0m0s", "one more"]) described.ShouldContain(part);
        await cli.OutputOfAsync("operator", "namespace", "update", "-n", "made", "--description", "changed");
        var list = await cli.OutputOfAsync("operator", "namespace", "list");
        foreach (var part in (string[])["default", "made", "changed"]) list.ShouldContain(part);
        (await cli.ErrorOfAsync("operator", "namespace", "describe", "-n", "missing")).ShouldContain("missing");
        (await cli.ErrorOfAsync("operator", "namespace", "create", "-n", "made")).ShouldContain("already");
    }

    [SkippableFact]
    public async Task ANamespacesWorkflowsAreItsOwn()
    {
        RealServers.SkipIfMissing();
        await cli.OutputOfAsync("operator", "namespace", "create", "-n", "apart");
        await cli.OutputOfAsync(
            "workflow", "start", "-n", "apart", "--type", "Counter", "--task-queue", "q", "--workflow-id", "own");
        (await cli.OutputOfAsync("workflow", "count", "-n", "apart")).Trim().ShouldBe("Total: 1");
        (await cli.ErrorOfAsync("workflow", "describe", "-w", "own")).ShouldContain("not found");
    }

    [SkippableFact]
    public async Task SearchAttributesAreAddedUsedAndRemoved()
    {
        RealServers.SkipIfMissing();
        (await cli.OutputOfAsync("operator", "search-attribute", "list")).ShouldContain("ExecutionStatus");
        await cli.OutputOfAsync("operator", "search-attribute", "create", "--name", "Region", "--type", "Keyword");
        (await cli.OutputOfAsync("operator", "search-attribute", "list")).ShouldMatch(@"Region\s+Keyword");
        await cli.OutputOfAsync(
            "workflow", "start", "--type", "Counter", "--task-queue", "q", "--workflow-id", "regional",
            "--search-attribute", "Region=\"north\"");
        (await cli.OutputOfAsync("workflow", "list", "--query", "Region = 'north'")).ShouldContain("regional");
        await cli.OutputOfAsync("operator", "search-attribute", "remove", "--name", "Region", "--yes");
        (await cli.OutputOfAsync("operator", "search-attribute", "list")).ShouldNotContain("Region");
        var refused = await cli.ErrorOfAsync(
            "workflow", "start", "--type", "Counter", "--task-queue", "q", "--workflow-id", "other",
            "--search-attribute", "Region=\"north\"");
        refused.ShouldContain("Region");
    }

    [SkippableFact]
    public async Task ATaskQueueShowsItsPollersAndItsBacklog()
    {
        RealServers.SkipIfMissing();
        await Eventually.TrueAsync(
            async () => (await cli.OutputOfAsync("task-queue", "describe", "--task-queue", CliFixture.TaskQueue)).Contains(
                $"{Environment.ProcessId}@", StringComparison.Ordinal),
            TimeSpan.FromSeconds(20));
        await cli.StartAsync("waiting-1", 9, "waiting");
        await cli.StartAsync("waiting-2", 9, "waiting");
        (await cli.OutputOfAsync("task-queue", "describe", "--task-queue", "waiting")).ShouldMatch(@"workflow\s+2\s");
    }

    [SkippableFact]
    public async Task WhatNobodyCanMakeHereIsAnEmptyList()
    {
        RealServers.SkipIfMissing();
        string[][] lists =
        [
            ["schedule", "list"],
            ["batch", "list"],
            ["worker", "list"],
            ["worker", "deployment", "list"],
            ["operator", "nexus", "endpoint", "list"],
        ];
        foreach (var list in lists)
            await cli.OutputOfAsync(list);
    }
}
