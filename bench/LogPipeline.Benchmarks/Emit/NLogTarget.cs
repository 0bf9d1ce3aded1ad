using NLog;
using NLog.Config;
using NLog.Layouts;
using NLog.Targets;
using NLog.Targets.Wrappers;

namespace LogPipeline.Benchmarks.Emit;

/// <summary>NLog's AsyncWrapper over its file target, JSON lines, with a queue as large as ours.</summary>
sealed class NLogTarget : EmitTarget
{
    readonly LogFactory _factory = new();
    readonly Logger _logger;

    public NLogTarget(string path)
    {
        var layout = new JsonLayout { IncludeEventProperties = true };
        layout.Attributes.Add(new JsonAttribute("t", "${date:universalTime=true:format=o}"));
        layout.Attributes.Add(new JsonAttribute("level", "${level}"));
        layout.Attributes.Add(new JsonAttribute("m", "${message}"));
        layout.Attributes.Add(new JsonAttribute("mt", "${message:raw=true}"));
        var file = new NLog.Targets.FileTarget { FileName = path, Layout = layout, KeepFileOpen = true };
        var wrapper = new AsyncTargetWrapper(file, 100_000, AsyncTargetWrapperOverflowAction.Block);
        var configuration = new LoggingConfiguration(_factory);
        configuration.AddRuleForAllLevels(wrapper);
        _factory.Configuration = configuration;
        _logger = _factory.GetLogger("bench").WithProperty(Enriched, EnrichedValue);
    }

    public override string Name => "NLog AsyncWrapper over File (JSON)";

    public override void Log(int orderId, string customer, string state) => _logger.Info(Template, orderId, customer, state);

    public override void Drain() => _factory.Flush(TimeSpan.FromMinutes(1));

    public override void Dispose() => _factory.Dispose();
}
