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

    readonly TemporalServer _temporal = new();
    ChildProcess? _worker;

    public string Address => _temporal.Address;

    /// <summary>Where its worker has workflows and activities. The queue with "-aes" behind has them behind the codec.</summary>
    public string Queue { get; } = $"typescript-{Guid.NewGuid():N}";

    public static void SkipIfMissing()
    {
        RealServers.SkipIfMissing();
        Skip.If(TypeScript.MissingBecause is not null, TypeScript.MissingBecause);
    }

    public async Task InitializeAsync()
    {
        if (RealServers.MissingBecause is not null || TypeScript.MissingBecause is not null) return;
        await Task.WhenAll(_temporal.StartAsync(), TypeScript.InstallAsync());
        _worker = await StartWorkerAsync(Queue, "all");
    }

    public async Task DisposeAsync()
    {
        if (_worker is not null) await _worker.DisposeAsync();
        await _temporal.DisposeAsync();
    }

    public Task<ChildProcess> StartWorkerAsync(string queue, string kind) => TypeScript.StartWorkerAsync(Address, queue, kind);

    /// <summary>What its client is answered, one reply a request: a value described as text, or a failure.</summary>
    public async Task<Reply[]> AskAsync(string codec, params Request[] requests)
    {
        var client = await TypeScript.RunScriptAsync(["client.js", Address, codec], JsonSerializer.Serialize(requests, Camel));
        return JsonSerializer.Deserialize<Reply[]>(client.Output, Camel)!;
    }

    public static Task ReplayAsync(string id, string history) => TypeScript.RunScriptAsync(["replay.js"], $$"""{"id":"{{id}}","history":{{history}}}""");

    /// <param name="Do">start, signal, query, update or result.</param>
    /// <param name="Values">Arguments by their names in tests/Interop/values.js, instead of <paramref name="Args"/>.</param>
    public sealed record Request(string Do, string Id, string? Type = null, string? Queue = null, object?[]? Args = null, string[]? Values = null);

    public sealed record Reply(string? Value, Failure? Failure);

    public sealed record Failure(string Class, string Message, string? Type, bool? NonRetryable, JsonElement[]? Details, string? ActivityType, string? Stack, Failure? Cause);
}
