using System.Text.RegularExpressions;
using Support = LogPipeline.TestSupport.TypeScript;

namespace TemporalDevServer.Tests.TypeScript;

/// <summary>The suite is run once, when the first row asks.</summary>
public sealed partial class SuiteRun : IAsyncDisposable
{
    readonly Lazy<Task<string[]>> _lines;
    DevServer? _server;

    public SuiteRun() => _lines = new(RunAsync);

    /// <summary>Each case as suite/cases.js names it, in each way in which suite/run.js runs it.</summary>
    public static TheoryData<string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (Match match in Case().Matches(File.ReadAllText(Repository.PathOf("tests", "Interop", "suite", "cases.js"))))
            {
                rows.Add(match.Groups[1].Value, "remembered");
                rows.Add(match.Groups[1].Value, "replayed");
            }
            return rows;
        }
    }

    public Task<string[]> LinesAsync() => _lines.Value;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    async Task<string[]> RunAsync()
    {
        await Support.InstallAsync();
        _server = await DevServer.StartAsync();
        var run = await Support.RunScriptAsync(["suite/run.js", _server.Address], "");
        return run.Output.Split('\n').Where(
            line => line.StartsWith("ok ", StringComparison.Ordinal)
                || line.StartsWith("failed ", StringComparison.Ordinal)).ToArray();
    }

    [GeneratedRegex(@"^  async (\w+)\(", RegexOptions.Multiline)]
    private static partial Regex Case();
}
