using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

/// <summary>Each way to add the sink in code takes a least level, and a switch that wins over it.</summary>
public sealed class SinkLevelTests : IDisposable
{
    readonly TempDirectory _spool = new();

    public void Dispose() => _spool.Dispose();

    public static TheoryData<string> Ways =>
        ["WriteTo with arguments", "WriteTo with options", "AuditTo with arguments", "AuditTo with options"];

    Logger Open(string way, LogEventLevel least, LoggingLevelSwitch? levels)
    {
        const string nobody = "127.0.0.1:1";
        var logger = new LoggerConfiguration();
        return (way switch
        {
            "WriteTo with arguments" => logger.WriteTo.Temporal(
                nobody, spoolDirectory: _spool.Path, restrictedToMinimumLevel: least, levelSwitch: levels),
            "WriteTo with options" => logger.WriteTo.Temporal(
                Change, restrictedToMinimumLevel: least, levelSwitch: levels),
            "AuditTo with arguments" => logger.AuditTo.Temporal(
                nobody, spoolDirectory: _spool.Path, restrictedToMinimumLevel: least, levelSwitch: levels),
            _ => logger.AuditTo.Temporal(Change, restrictedToMinimumLevel: least, levelSwitch: levels),
        }).CreateLogger();

        void Change(TemporalSinkOptions options) => (options.Address, options.SpoolDirectory) = (nobody, _spool.Path);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task WhatIsBelowTheLeastLevelIsNotTaken(string way)
    {
        using (var logger = Open(way, LogEventLevel.Error, levels: null))
        {
            logger.Warning("below");
            logger.Error("kept");
        }
        (await SpooledAsync()).ShouldBe(["kept"]);
    }

    [Theory, MemberData(nameof(Ways))]
    public async Task TheSwitchWinsAndMayChangeMeanwhile(string way)
    {
        var levels = new LoggingLevelSwitch(LogEventLevel.Error);
        using (var logger = Open(way, LogEventLevel.Fatal, levels))
        {
            logger.Warning("below");
            logger.Error("kept");
            levels.MinimumLevel = LogEventLevel.Warning;
            logger.Warning("no longer below");
        }
        (await SpooledAsync()).ShouldBe(["kept", "no longer below"]);
    }

    async Task<IEnumerable<string>> SpooledAsync()
    {
        var rig = new SinkRig(SpoolFolder.Open(_spool.Path));
        var sink = rig.Open();
        await rig.UntilAsync(sink, stats => stats.Adopted > 0 && stats.Spooled == 0);
        await rig.CloseAsync(sink);
        return rig.Temporal.Messages;
    }
}
