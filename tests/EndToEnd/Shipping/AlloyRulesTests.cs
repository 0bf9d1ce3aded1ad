using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd.Shipping;

/// <summary>
/// Grafana Alloy loads a Promtail configuration by rules of its own (`alloy run --config.format=promtail`): it expands no
/// variables, reads strictly, and refuses a few blocks and stages.
/// </summary>
public sealed class AlloyRulesTests
{
    static readonly string[] StagesItConverts = ["regex", "json", "timestamp", "labels", "structured_metadata", "labeldrop"];
    static readonly string[] BlocksItRefuses = ["wal:", "limits_config:", "tracing:", "stdin:", "http_path_prefix:"];

    [Fact]
    public async Task TheFileForAlloyHasItsVariablesPutIn()
    {
        var text = await ForAlloyAsync(new() { ["LOG_DIRECTORY"] = "/var/log/pipeline" });

        text.ShouldContain("__path__: /var/log/pipeline/*/*.clef");
        text.ShouldContain("url: http://localhost:3100/loki/api/v1/push");
        text.ShouldNotContain("${");
        // Promtail's expansion eats one level of them, so the two agents would read two expressions.
        text.ShouldNotContain("\\");
    }

    [Fact]
    public async Task ItUsesOnlyWhatAlloyConverts()
    {
        var lines = (await ForAlloyAsync([])).Split('\n').Where(line => !line.TrimStart().StartsWith('#')).ToArray();

        var stages = lines.SkipWhile(line => !line.Contains("pipeline_stages:")).Skip(1)
            .Where(line => line.StartsWith("      - ", StringComparison.Ordinal)).Select(line => line.Trim(' ', '-', ':')).ToArray();
        stages.ShouldNotBeEmpty();
        stages.ShouldBeSubsetOf(StagesItConverts);
        foreach (var block in BlocksItRefuses) lines.ShouldNotContain(line => line.TrimStart().StartsWith(block, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task TheFileForAlloyIsAValidPromtailFileWithoutExpansion()
    {
        RealServers.SkipIfMissing();
        using var directory = new TempDirectory();
        await File.WriteAllTextAsync(directory.File("promtail.yml"), await ForAlloyAsync([]));

        var check = await ChildProcess.RunAsync(RealServers.Promtail, [$"-config.file={directory.File("promtail.yml")}", "-check-syntax"]);

        check.ExitCode.ShouldBe(0, check.Everything);
    }

    static async Task<string> ForAlloyAsync(Dictionary<string, string> environment)
    {
        var run = await ChildProcess.RunAsync(Repository.PathOf("promtail", "for-alloy.sh"), [], environment);
        run.ExitCode.ShouldBe(0, run.Everything);
        return run.Output;
    }
}
