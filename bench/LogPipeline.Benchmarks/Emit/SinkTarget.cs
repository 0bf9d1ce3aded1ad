using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using Serilog;
using Serilog.Core;

namespace LogPipeline.Benchmarks.Emit;

/// <summary>Our sink, with a Temporal that answers after 5 ms, or refuses at once, so that no network is measured.</summary>
sealed class SinkTarget : EmitTarget
{
    readonly TemporalSink _sink;
    readonly Logger _logger;

    /// <summary>Null when the sink does not have this durability.</summary>
    public static SinkTarget? TryCreate(string durability, bool isAway, string directory)
    {
        var options = new TemporalSinkOptions { Source = "bench", SpoolDirectory = directory };
        var property = typeof(TemporalSinkOptions).GetProperty("Durability");
        if (property is null && durability != "Memory") return null;
        property?.SetValue(options, Enum.Parse(property.PropertyType, durability));
        return new SinkTarget($"{durability}{(isAway ? ", Temporal away" : "")}", options, isAway);
    }

    SinkTarget(string name, TemporalSinkOptions options, bool isAway)
    {
        Name = name;
        var settled = SinkOptionsReader.Settle(options, _ => null);
        _sink = new TemporalSink(settled, new Starter(isAway), new PhysicalDirectory(settled.SpoolDirectory!), "nowhere:7233",
            report: _ => { });
        _logger = new LoggerConfiguration().Enrich.WithProperty(Enriched, EnrichedValue).WriteTo.Sink(_sink).CreateLogger();
    }

    public override string Name { get; }
    public override long Dropped => _sink.Stats.Dropped;

    public override void Log(int orderId, string customer, string state) => _logger.Information(Template, orderId, customer, state);

    public override void Drain() => _sink.FlushAsync().GetAwaiter().GetResult();

    public override void Dispose() => _logger.Dispose();

    sealed class Starter(bool isAway) : IBatchStarter
    {
        public async Task<PublishOutcome> StartAsync(FrozenBatch batch, CancellationToken cancellationToken)
        {
            if (isAway) return new PublishOutcome(OutcomeKind.Unreachable, "Connection refused.");
            await Task.Delay(5, cancellationToken);
            return PublishOutcome.Accepted;
        }
    }
}
