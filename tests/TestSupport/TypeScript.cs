using System.ComponentModel;
using System.Diagnostics;

namespace LogPipeline.TestSupport;

/// <summary>The official TypeScript SDK as tests/Interop has it. What npm installs stays for the next run.</summary>
public static class TypeScript
{
    static readonly Lazy<string?> Missing = new(() => WhyNot("node") ?? WhyNot("npm"));

    /// <summary>Null: node and npm are here.</summary>
    public static string? MissingBecause => Missing.Value;

    static string Folder => Repository.PathOf("tests", "Interop");

    // npm writes node_modules/.package-lock.json last.
    public static async Task InstallAsync()
    {
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
            await RunAsync("npm", ["ci"], "");
    }

    /// <summary>Starts tests/Interop/worker.js and waits until it polls.</summary>
    public static async Task<ChildProcess> StartWorkerAsync(string address, string queue)
    {
        var worker = ChildProcess.Start("node", ["worker.js", address, queue], directory: Folder);
        try
        {
            await worker.LineAsync(line => line == "ready");
            return worker;
        }
        catch
        {
            await worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs one of the folder's scripts to its end.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message holds what it said.</exception>
    public static Task<ChildProcess> RunScriptAsync(string[] arguments, string input) => RunAsync("node", arguments, input);

    static async Task<ChildProcess> RunAsync(string program, string[] arguments, string input)
    {
        var child = await ChildProcess.RunAsync(program, arguments, directory: Folder, input: input, waitMax: TimeSpan.FromMinutes(5));
        return child.ExitCode == 0
            ? child
            : throw new InvalidOperationException(
                $"{program} {string.Join(' ', arguments)} ended with exit code {child.ExitCode}: {child.Everything}");
    }

    static string? WhyNot(string program)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, "--version") { RedirectStandardOutput = true })!;
            process.WaitForExit();
            return process.ExitCode == 0 ? null : $"{program} --version ended with exit code {process.ExitCode}.";
        }
        catch (Win32Exception e)
        {
            return $"The TypeScript SDK needs {program}: {e.Message}";
        }
    }
}
