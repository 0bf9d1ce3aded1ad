namespace TemporalDevServer.Tests.TypeScript;

/// <summary>
/// The official TypeScript SDK, client and worker, on the embedded server: tests/Interop/suite, a row for each case.
/// </summary>
public sealed class SuiteTests(SuiteRun run) : IClassFixture<SuiteRun>
{
    [SkippableTheory]
    [MemberData(nameof(SuiteRun.Rows), MemberType = typeof(SuiteRun))]
    public async Task TheOfficialTypeScriptSdkWorksOnTheEmbeddedServer(string name, string mode)
    {
        Skip.If(
            global::LogPipeline.TestSupport.TypeScript.MissingBecause is not null,
            global::LogPipeline.TestSupport.TypeScript.MissingBecause);
        var lines = await run.LinesAsync();
        lines.ShouldContain(
            $"ok {name} {mode}",
            $"{lines.FirstOrDefault(line => line.StartsWith($"failed {name} {mode} ", StringComparison.Ordinal)) ?? "It was not run."}");
    }

    [SkippableFact]
    public async Task EveryCaseOfTheSuiteHasItsRow()
    {
        Skip.If(
            global::LogPipeline.TestSupport.TypeScript.MissingBecause is not null,
            global::LogPipeline.TestSupport.TypeScript.MissingBecause);
        (await run.LinesAsync()).Count().ShouldBe(SuiteRun.Rows.Count);
    }
}
