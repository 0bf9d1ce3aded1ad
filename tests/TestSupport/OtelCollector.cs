using System.Text.RegularExpressions;

namespace LogPipeline.TestSupport;

/// <summary>OpenTelemetry's real collector on loopback; it prints all that it is sent.</summary>
public sealed partial class OtelCollector : IAsyncDisposable
{
    readonly ChildProcess _process;

    OtelCollector(ChildProcess process, int port)
    {
        _process = process;
        Endpoint = $"http://127.0.0.1:{port}";
    }

    /// <summary>Takes OTLP over gRPC.</summary>
    public string Endpoint { get; }

    public string Everything => _process.Everything;

    public static async Task<OtelCollector> StartNewAsync(string file)
    {
        var port = FreePort.Next();
        await File.WriteAllTextAsync(file, $$"""
            receivers: { otlp: { protocols: { grpc: { endpoint: "127.0.0.1:{{port}}" } } } }
            exporters: { debug: { verbosity: detailed } }
            service:
              telemetry: { metrics: { level: none } }
              pipelines:
                metrics: { receivers: [otlp], exporters: [debug] }
                traces: { receivers: [otlp], exporters: [debug] }
                logs: { receivers: [otlp], exporters: [debug] }
            """);
        var process = ChildProcess.Start(RealServers.OtelCollector, ["--config", file]);
        await process.LineAsync(line => line.Contains("Everything is ready", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
        return new OtelCollector(process, port);
    }

    /// <summary>The values of a metric in the last export that had it, summed over its tags; null: none had it.</summary>
    public long? LastSum(string metric)
    {
        long? sum = null;
        foreach (var export in Everything.Split("Resource SchemaURL:"))
        {
            var at = export.IndexOf($"-> Name: {metric}\n", StringComparison.Ordinal);
            if (at < 0) continue;
            var next = export.IndexOf("-> Name: ", at + 1, StringComparison.Ordinal);
            sum = Value().Matches(next < 0 ? export[at..] : export[at..next]).Sum(value =>
                long.Parse(value.Groups[1].Value, CultureInfo.InvariantCulture));
        }
        return sum;
    }

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    [GeneratedRegex(@"^Value: (\d+)$", RegexOptions.Multiline)]
    private static partial Regex Value();
}
