using System.ComponentModel;
using System.Net;
using System.Text.RegularExpressions;
using Temporalio.Client;
using TemporalDevServer.Tests.Pipeline;

namespace TemporalDevServer.Tests.Ui;

/// <summary>The real Temporal UI in front of the embedded server, as a browser shows it.</summary>
public sealed partial class WebUiTests
{
    // Banners and toasts of the UI's that say that a call went wrong.
    static readonly string[] Complaints =
        ["unknown method", "Unimplemented", "Something went wrong", "Unable to", "is not found", "error loading"];

    [SkippableFact]
    public async Task BatchesAndOneBatchsPageAreShownWithoutComplaint()
    {
        RealServers.SkipIfMissing();
        Skip.IfNot(HasChromium(), "This needs the program chromium.");
        await using var server = await DevServer.StartAsync();
        await using var pipeline = new PipelineOnServer(server);
        pipeline.StartWorker();
        await pipeline.SendAsync(["Order 1 was paid", "Order 2 was paid"], "orders");
        await pipeline.SendAsync(["Order 3 was paid"], "orders");
        await pipeline.WrittenReachAsync(3);
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        await Eventually.TrueAsync(
            async () => (await client.CountWorkflowsAsync("ExecutionStatus = 'Completed'")).Count == 2,
            TimeSpan.FromSeconds(20));
        var batches = new List<WorkflowExecution>();
        await foreach (var batch in client.ListWorkflowsAsync("")) batches.Add(batch);

        using var folder = new TempDirectory();
        var port = FreePort.Next();
        await using var ui = StartUi(folder, server.Address, port);
        await Eventually.TrueAsync(
            () => LocalPort.IsOpenAsync(port), TimeSpan.FromSeconds(20), explain: () => ui.Everything);

        var pages = $"http://127.0.0.1:{port}/namespaces/default";
        var list = await TextOfAsync($"{pages}/workflows", folder);
        foreach (var batch in batches) list.ShouldContain(batch.Id);
        list.ShouldContain("LogProcessingWorkflow");
        var first = batches[^1];
        var page = await TextOfAsync(
            $"{pages}/workflows/{Uri.EscapeDataString(first.Id)}/{first.RunId}/history", folder);
        string[] parts =
        [
            first.Id, "Order 1 was paid", "Local Activity", "2 records", "Workflow Execution Completed",
            "log-processing-queue",
        ];
        foreach (var part in parts)
            page.ShouldContain(part);
        foreach (var name in (string[])["schedules", "batch-operations", "workers", "task-queues/log-processing-queue"])
            await TextOfAsync($"{pages}/{name}", folder);
    }

    static ChildProcess StartUi(TempDirectory folder, string address, int port)
    {
        Directory.CreateDirectory(folder.File("config"));
        File.WriteAllText(
            folder.File("config/local.yaml"),
            $"temporalGrpcAddress: {address}\nhost: 127.0.0.1\nport: {port}\nenableUi: true\ndefaultNamespace: "
            + "default\n");
        return ChildProcess.Start(
            RealServers.TemporalUi, ["--root", folder.Path, "--config", "config", "--env", "local", "start"]);
    }

    /// <summary>What a page says when its scripts are done. None may complain.</summary>
    static async Task<string> TextOfAsync(string url, TempDirectory folder)
    {
        var browser = await ChildProcess.RunAsync("chromium",
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", $"--user-data-dir={folder.File("chromium")}",
                "--window-size=1400,1400", "--virtual-time-budget=15000", "--dump-dom", url,
            ]);
        browser.ExitCode.ShouldBe(0, browser.Errors);
        var text = WebUtility.HtmlDecode(
            Spaces().Replace(Tags().Replace(Scripts().Replace(browser.Output, " "), " "), " "));
        foreach (var complaint in Complaints) text.ShouldNotContain(complaint, Case.Insensitive, url);
        return text;
    }

    static bool HasChromium()
    {
        try
        {
            using var process = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo("chromium", "--version") { RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    [GeneratedRegex("<(script|style).*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex Scripts();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
