using System.Diagnostics;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Redaction;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace LogPipeline.Benchmarks.Emit;

/// <summary>What it takes to make a record of an event, and what of that is the search for secrets.</summary>
static class RenderCost
{
    // Few enough for most rounds to be undisturbed.
    const int Events = 100;
    const int RoundsOfThat = 200;

    /// <summary>For each kind of event nanoseconds by scope, medians over rounds that take turns.</summary>
    public static IEnumerable<(string Name, double[] Nanoseconds)> Measure(int rounds)
    {
        var formatters = Enum.GetValues<RedactionScope>()
            .Select(scope =>
                new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "bench" }, new Redactor(scope, [], null, null)),
                    "20261121T080000-00000000")).ToArray();
        foreach (var (name, logEvent) in Kinds())
        {
            var times = formatters.Select(_ => new List<double>()).ToArray();
            for (var round = 0; round < rounds * RoundsOfThat; round++)
                for (var scope = 0; scope < formatters.Length; scope++)
                {
                    var begin = Stopwatch.GetTimestamp();
                    for (var i = 0; i < Events; i++) formatters[scope].Render(logEvent, out _, out _);
                    times[scope].Add(Stopwatch.GetElapsedTime(begin).TotalNanoseconds / Events);
                }
            yield return (name, [.. times.Select(time => time.Order().ElementAt(time.Count / 2))]);
        }
    }

    static IEnumerable<(string Name, LogEvent Event)> Kinds()
    {
        var caught = new Caught();
        using var logger = new LoggerConfiguration().Enrich.WithProperty(EmitTarget.Enriched, EmitTarget.EnrichedValue).WriteTo.Sink(caught)
            .CreateLogger();
        logger.Information(EmitTarget.Template, 4711, "Ada Lovelace", "packed");
        yield return ("the event of the other tables", caught.Last!);
        logger.Information("Request {Method} {Url} from {Agent} took {Elapsed:0.00} ms", "GET",
            "https://shop.example/api/orders?page=2&size=50&sort=date", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", 12.345);
        yield return ("a request with a URL and a user agent", caught.Last!);
        logger.Information("Order {@Order} saved",
            new { Id = 4711, Customer = new { Name = "Ada Lovelace", City = "London" }, Lines = new[] { 1, 2, 3 } });
        yield return ("a destructured object", caught.Last!);
        logger.Error(Thrown(), "Order {OrderId} failed", 4711);
        yield return ("an exception", caught.Last!);
    }

    static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("The order was changed meanwhile.");
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    sealed class Caught : ILogEventSink
    {
        public LogEvent? Last { get; private set; }

        public void Emit(LogEvent logEvent) => Last = logEvent;
    }
}
