using System.Text.Json;

namespace LogPipeline.EndToEnd.Support;

/// <summary>What <c>logworker verify</c> says of a log directory.</summary>
sealed record Verification(bool IsClean, long Records, long Lost, long Duplicate, long Reordered, long Corrupt,
    long Unfinished, string Text)
{
    public static async Task<Verification> RunAsync(string logDirectory, string? acks = null)
    {
        string[] arguments =
            ["verify", "--directory", logDirectory, "--output", "json", .. acks is null ? Array.Empty<string>() : ["--acks", acks]];
        await using var run = await WorkerProgram.RunAsync(arguments, waitMax: TimeSpan.FromMinutes(3));
        run.ExitCode.ShouldBeInRange(0, 1, run.Everything);
        using var json = JsonDocument.Parse(run.Output);
        var report = json.RootElement;
        return new Verification(report.GetProperty("clean").GetBoolean(), Number("records"), Number("lost"), Number("duplicate"),
            Number("reordered"), Number("corrupt"), Number("unfinished"), run.Output);

        long Number(string name) => report.GetProperty(name).GetInt64();
    }
}
