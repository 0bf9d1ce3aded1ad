using System.Text.Json;

namespace LogPipeline.TestSupport;

/// <summary>A real Loki on loopback with the configuration that the product ships.</summary>
public sealed class LokiServer : IAsyncDisposable
{
    readonly ChildProcess _process;
    readonly HttpClient _http;

    LokiServer(ChildProcess process, int port)
    {
        _process = process;
        Url = $"http://127.0.0.1:{port}";
        _http = new HttpClient { BaseAddress = new Uri(Url) };
    }

    public string Url { get; }

    /// <param name="directory">Where it keeps its data.</param>
    /// <param name="port">Null: a free one.</param>
    /// <param name="changes">Lines of the shipped configuration, and what others have there.</param>
    public static async Task<LokiServer> StartNewAsync(string directory, int? port = null,
        params (string Shipped, string Theirs)[] changes)
    {
        var listen = port ?? FreePort.Next();
        var configuration = Repository.PathOf("deploy", "loki", "loki.yml");
        if (changes.Length > 0) configuration = await ChangedAsync(configuration, directory + ".yml", changes);
        var process = ChildProcess.Start(RealServers.Loki, [$"-config.file={configuration}", "-config.expand-env=true"],
            new Dictionary<string, string>
            {
                ["LOKI_DIRECTORY"] = directory,
                ["LOKI_HTTP_PORT"] = listen.ToString(CultureInfo.InvariantCulture),
                ["LOKI_GRPC_PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
            });
        var server = new LokiServer(process, listen);
        // Its /ready waits 15 s for a ring that has one member; a query that is answered says enough.
        await Eventually.TrueAsync(server.AnswersAsync, TimeSpan.FromSeconds(60), explain: () => process.Everything);
        return server;
    }

    /// <summary>A Loki that others run: any age is taken, so that its schema refuses what is older.</summary>
    public static (string Shipped, string Theirs) TakesAnyAge => ("reject_old_samples: true", "reject_old_samples: false");

    public static (string Shipped, string Theirs) TakesNoMetadata =>
        ("allow_structured_metadata: true", "allow_structured_metadata: false");

    /// <summary>
    /// How many log lines <paramref name="selector"/> finds, by LogQL's own count over the last <paramref name="hours"/> hours.
    /// </summary>
    public async Task<long> CountAsync(string selector, int hours = 24)
    {
        var query = Uri.EscapeDataString($"sum(count_over_time({selector}[{hours}h]))");
        using var answer = await GetAsync($"/loki/api/v1/query?query={query}&time={Nanoseconds(DateTimeOffset.UtcNow.AddMinutes(1))}");
        var result = answer.RootElement.GetProperty("data").GetProperty("result");
        return result.GetArrayLength() == 0 ? 0 : long.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
    }

    /// <summary>
    /// Log lines found by <paramref name="selector"/>, oldest first: each with its labels, its structured metadata among
    /// them, as a query answers them.
    /// </summary>
    public async Task<IReadOnlyList<LokiLine>> LinesAsync(string selector, DateTimeOffset from, DateTimeOffset to, int limit = 5000)
    {
        using var answer = await GetAsync(
            $"/loki/api/v1/query_range?query={Uri.EscapeDataString(selector)}&start={Nanoseconds(from)}&end={Nanoseconds(to)}"
            + $"&limit={limit}&direction=forward");
        var lines = new List<LokiLine>();
        foreach (var stream in answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            var labels = stream.GetProperty("stream").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
            foreach (var value in stream.GetProperty("values").EnumerateArray())
                lines.Add(new LokiLine(long.Parse(value[0].GetString()!, CultureInfo.InvariantCulture), value[1].GetString()!, labels));
        }
        return [.. lines.OrderBy(l => l.Nanoseconds)];
    }

    /// <summary>The names of the stream labels, without structured metadata.</summary>
    public async Task<IReadOnlyList<string>> LabelNamesAsync()
    {
        using var answer = await GetAsync("/loki/api/v1/labels");
        return [.. answer.RootElement.TryGetProperty("data", out var data) ? data.EnumerateArray().Select(e => e.GetString()!) : []];
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    static async Task<string> ChangedAsync(string shipped, string file, (string Shipped, string Theirs)[] changes)
    {
        var text = await File.ReadAllTextAsync(shipped);
        foreach (var (ours, theirs) in changes)
        {
            if (!text.Contains(ours, StringComparison.Ordinal))
                throw new InvalidOperationException($"{shipped} has no '{ours}'.");
            text = text.Replace(ours, theirs, StringComparison.Ordinal);
        }
        await File.WriteAllTextAsync(file, text);
        return file;
    }

    async Task<JsonDocument> GetAsync(string path)
    {
        using var response = await _http.GetAsync(new Uri(path, UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode) throw new HttpRequestException($"Loki answered {(int)response.StatusCode}: {text}");
        return JsonDocument.Parse(text);
    }

    async Task<bool> AnswersAsync()
    {
        if (_process.HasExited) throw new InvalidOperationException($"Loki ended at start: {_process.Everything}");
        try
        {
            await CountAsync("{channel=\"none\"}");
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    static long Nanoseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100;
}

/// <summary>One line as Loki answers it.</summary>
public sealed record LokiLine(long Nanoseconds, string Line, IReadOnlyDictionary<string, string> Labels);
