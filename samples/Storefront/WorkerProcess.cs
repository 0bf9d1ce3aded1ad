using System.Runtime.InteropServices;

namespace LogPipeline.Samples.Storefront;

/// <summary>The program <c>logworker</c>, which the build put beside this one, in a process of its own.</summary>
static class WorkerProcess
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

    // The one that runs this program: <root>/shared/Microsoft.NETCore.App/<version>/ is its runtime.
    static string DotNet() =>
        Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..",
            OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));
}
