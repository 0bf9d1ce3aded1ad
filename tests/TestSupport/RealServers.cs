using System.Diagnostics;

namespace LogPipeline.TestSupport;

/// <summary>
/// The real servers under <c>shared/tools/servers</c>. They are unpacked once for a test run. Where they are missing a
/// test that needs them calls <see cref="SkipIfMissing"/> first and is reported as skipped, with the reason.
/// </summary>
public static class RealServers
{
    static readonly Lazy<(string? Folder, string? Reason)> Found = new(Unpack);

    /// <summary>Null when they are there, else why they are not.</summary>
    public static string? MissingBecause => Found.Value.Reason;

    public static string Temporal => Program("temporal");
    public static string Loki => Program("loki");
    public static string Promtail => Program("promtail");
    public static string TemporalUi => Program("temporal-ui-server");
    public static string OtelCollector => Program("otelcol");

    /// <summary>For tests marked <c>[SkippableFact]</c>.</summary>
    public static void SkipIfMissing() => Skip.If(MissingBecause is not null, MissingBecause);

    static string Program(string name) =>
        Path.Combine(Found.Value.Folder ?? throw new InvalidOperationException(MissingBecause), name);

    static (string?, string?) Unpack()
    {
        var script = Path.Combine(Repository.Shared, "tools", "servers", "unpack");
        if (!File.Exists(script)) return (null, $"The real servers are not here: {script} is missing.");
        using var process = Process.Start(new ProcessStartInfo(script) { RedirectStandardOutput = true })!;
        var folder = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0 ? (folder, null) : (null, $"{script} failed with exit code {process.ExitCode}.");
    }
}
