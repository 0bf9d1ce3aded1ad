using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using LogPipeline.TestSupport;

namespace Temporalio.Tests.Interop;

/// <summary>
/// A real server and, on it, a worker made with the official TypeScript SDK (tests/Interop). What npm installs stays for
/// the next run. Where Node or the server is missing the fixture does nothing and the tests skip themselves.
/// </summary>
public sealed class TypeScriptSdk : IAsyncLifetime
{
    static readonly JsonSerializerOptions Camel = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };
    static readonly Lazy<string?> NodeMissingBecause = new(() => WhyNot("node") ?? WhyNot("npm"));

    readonly TemporalServer _temporal = new();
    ChildProcess? _worker;

    public string Address => _temporal.Address;

    /// <summary>Where its worker has workflows and activities. The queue with "-aes" behind has them behind the codec.</summary>
    public string Queue { get; } = $"typescript-{Guid.NewGuid():N}";

    public static void SkipIfMissing()
    {
        RealServers.SkipIfMissing();
        Skip.If(NodeMissingBecause.Value is not null, NodeMissingBecause.Value);
    }

    public async Task InitializeAsync()
    {
        if (RealServers.MissingBecause is not null || NodeMissingBecause.Value is not null) return;
        await Task.WhenAll(_temporal.StartAsync(), InstallAsync());
        _worker = await StartWorkerAsync(Queue, "all");
    }

    public async Task DisposeAsync()
    {
        if (_worker is not null) await _worker.DisposeAsync();
        await _temporal.DisposeAsync();
    }

    public async Task<ChildProcess> StartWorkerAsync(string queue, string kind)
    {
        var worker = ChildProcess.Start("node", ["worker.js", Address, queue, kind], directory: Folder);
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

    /// <summary>What its client is answered, one reply a request: a value described as text, or a failure.</summary>
    public async Task<Reply[]> AskAsync(string codec, params Request[] requests)
    {
        var client = await RunAsync("node", ["client.js", Address, codec], JsonSerializer.Serialize(requests, Camel));
        return JsonSerializer.Deserialize<Reply[]>(client.Output, Camel)!;
    }

    public static Task ReplayAsync(string id, string history) => RunAsync("node", ["replay.js"], $$"""{"id":"{{id}}","history":{{history}}}""");

    static string Folder => Repository.PathOf("tests", "Interop");

    // npm writes node_modules/.package-lock.json last.
    static async Task InstallAsync()
    {
        var installed = new FileInfo(Path.Combine(Folder, "node_modules", ".package-lock.json"));
        if (!installed.Exists || installed.LastWriteTimeUtc < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json")))
            await RunAsync("npm", ["ci"], "");
    }

    static async Task<ChildProcess> RunAsync(string program, string[] arguments, string input)
    {
        var child = await ChildProcess.RunAsync(program, arguments, directory: Folder, input: input, waitMax: TimeSpan.FromMinutes(5));
        return child.ExitCode == 0
            ? child
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with exit code {child.ExitCode}: {child.Everything}");
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

    /// <param name="Do">start, signal, query or result.</param>
    /// <param name="Values">Arguments by their names in tests/Interop/values.js, instead of <paramref name="Args"/>.</param>
    public sealed record Request(string Do, string Id, string? Type = null, string? Queue = null, object?[]? Args = null, string[]? Values = null);

    public sealed record Reply(string? Value, Failure? Failure);

    public sealed record Failure(string Class, string Message, string? Type, bool? NonRetryable, JsonElement[]? Details, string? ActivityType, string? Stack, Failure? Cause);
}
