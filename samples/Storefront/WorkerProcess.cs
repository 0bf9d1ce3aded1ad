using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace LogPipeline.Samples.Storefront;

/// <summary>The program <c>logworker</c>, which the build put beside this one, in a process of its own.</summary>
static partial class WorkerProcess
{
    static readonly TimeSpan ConnectMax = TimeSpan.FromSeconds(20);

    /// <summary>Starts it, with this process's variables.</summary>
    public static Child Start(string output, CancellationToken cancellationToken) =>
        new(DotNet(), [Path.Combine(AppContext.BaseDirectory, "logworker.dll"), "--daemon"], output, awaited: "Connected to Temporal",
            cancellationToken);

    /// <summary>Waits until it takes batches; only then is a run worth beginning.</summary>
    public static async Task ConnectedAsync(Child worker, string output, CancellationToken cancellationToken)
    {
        if (await worker.SaysAsync(ConnectMax, cancellationToken)) return;
        // Behind the time and the place in the code.
        var reason = worker.LastLine[(worker.LastLine.IndexOf("] ", StringComparison.Ordinal) is var end and >= 0 ? end + 2 : 0)..];
        throw new CannotRunException($"The worker did not reach Temporal ({output}): {reason}");
    }

    /// <summary>The address of the worker's web application; null: it has none, as LOG_HTTP_PORT says.</summary>
    public static string? PageIn(string output)
    {
        using var reader = new StreamReader(new FileStream(output, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return Address().Match(reader.ReadToEnd()) is { Success: true } found ? found.Groups["address"].Value : null;
    }

    [GeneratedRegex(@"codec endpoint are at (?<address>https?://[^\s/]+/?)")]
    private static partial Regex Address();

    // The one that runs this program: <root>/shared/Microsoft.NETCore.App/<version>/ is its runtime.
    static string DotNet() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..",
            OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
