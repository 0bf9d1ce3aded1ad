using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;
using Serilog;
using Serilog.Core;

namespace LogPipeline.Tests.Publisher;

/// <summary>The sink from <c>appsettings.json</c>, through Serilog.Settings.Configuration.</summary>
public sealed partial class JsonConfigurationTests : IDisposable
{
    readonly TempDirectory _spool = new();

    public void Dispose() => _spool.Dispose();

    /// <summary>The block that docs/configuration.md offers for copying.</summary>
    static JsonNode Block() =>
        JsonNode.Parse(JsonBlocks().Matches(File.ReadAllText(Repository.PathOf("docs", "configuration.md")))
            .Select(block => block.Groups["json"].Value).Single(json => json.Contains("\"Serilog\"")))!;

    /// <summary>As the document has it, on a spool of the test's own, with what a test changes in the arguments of the sink.</summary>
    Logger Bind(Action<JsonNode>? change = null)
    {
        var json = Block();
        foreach (var sinks in new[] { json["Serilog"]!["WriteTo"], json["Serilog"]!["AuditTo"] })
            if (sinks is not null) Args(sinks)["spoolDirectory"] = _spool.Path;
        change?.Invoke(json["Serilog"]!);
        return new LoggerConfiguration().ReadFrom.Configuration(
            new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json.ToJsonString()))).Build()).CreateLogger();
    }

    static JsonNode Args(JsonNode sinks) => sinks[0]!["Args"]!;

    static void Away(JsonNode serilog)
    {
        Args(serilog["WriteTo"]!)["address"] = "127.0.0.1:1";
        Args(serilog["WriteTo"]!)["options"]!["timeouts"]!["close"] = "1s";
    }

    /// <summary>As the program sees it, and not inside another exception.</summary>
    ConfigurationException Wrong(Action<JsonNode> change) => Should.Throw<ConfigurationException>(() => Bind(change));

    [Fact]
    public async Task TheBlockOfTheDocumentBinds()
    {
        using (var logger = Bind(Away))
        {
            logger.Debug("below its level");
            logger.Information("kept");
        }
        (await SpooledAsync()).ShouldBe(("shop", 1));
    }

    [Theory]
    [InlineData("WriteTo")]
    [InlineData("AuditTo")]
    public async Task LevelsAndSwitchesAreSerilogsOwn(string way)
    {
        using (var logger = Bind(serilog =>
        {
            Away(serilog);
            serilog["LevelSwitches"] = new JsonObject { ["$temporal"] = "Error" };
            Args(serilog["WriteTo"]!)["levelSwitch"] = "$temporal";
            AddedBy(serilog, way);
        }))
        {
            logger.Warning("below the switch");
            logger.Error("kept");
        }
        (await SpooledAsync()).ShouldBe(("shop", 1));
    }

    [Fact]
    public async Task AuditsAreConfiguredTheSameWay()
    {
        using (var logger = Bind(serilog =>
        {
            Away(serilog);
            AddedBy(serilog, "AuditTo");
        }))
        {
            logger.Debug("below its level");
            logger.Information("kept");
        }
        (await SpooledAsync()).ShouldBe(("shop", 1));
    }

    static void AddedBy(JsonNode serilog, string way)
    {
        var sinks = serilog["WriteTo"]!.DeepClone();
        ((JsonObject)serilog).Remove("WriteTo");
        serilog[way] = sinks;
    }

    [Fact]
    public void AnArgumentThatNobodyTakesIsToldWithTheOneThatWasMeant()
    {
        Wrong(serilog =>
        {
            Args(serilog["WriteTo"]!)["flushIntervall"] = "5s";
            Args(serilog["WriteTo"]!)["SpoolDir"] = "x";
            Args(serilog["WriteTo"]!)["batchBytesMax"] = "1MiB";
            Args(serilog["WriteTo"]!)["colour"] = "red";
            Args(serilog["WriteTo"]!)["options"]!["limits"]!["depthMx"] = 3;
            Args(serilog["WriteTo"]!)["options"]!["limit"] = new JsonObject { ["stringLengthMax"] = 3 };
            Args(serilog["WriteTo"]!)["options"]!["breaker"] = 3;
        }).Errors.ShouldBe(
        [
            "Serilog:WriteTo:0:Args:flushIntervall is not an option; did you mean flushInterval?",
            "Serilog:WriteTo:0:Args:SpoolDir is not an option; did you mean SpoolDirectory?",
            "Serilog:WriteTo:0:Args:batchBytesMax is not an option; did you mean options:limits:batchBytesMax?",
            "Serilog:WriteTo:0:Args:colour is not an option.",
            "Serilog:WriteTo:0:Args:options:limits:depthMx is not an option; did you mean limits:depthMax?",
            "Serilog:WriteTo:0:Args:options:limit:stringLengthMax is not an option; did you mean limits:stringLengthMax?",
            "Serilog:WriteTo:0:Args:options:breaker is a group of options; name options in it.",
        ], ignoreOrder: true);
    }

    [Fact]
    public void SoIsAnArgumentOfAnAudit() =>
        Wrong(serilog =>
        {
            var sinks = serilog["WriteTo"]!.DeepClone();
            Args(sinks)["adress"] = "x:1";
            ((JsonObject)serilog).Remove("WriteTo");
            serilog["AuditTo"] = sinks;
        }).Errors.ShouldBe(["Serilog:AuditTo:0:Args:adress is not an option; did you mean address?"]);

    [Fact]
    public void WhatIsWrongInTwoSinksIsToldAtOnce() =>
        Wrong(serilog =>
        {
            var audit = serilog["WriteTo"]!.DeepClone();
            Args(serilog["WriteTo"]!)["bufferSize"] = "many";
            Args(audit)["channl"] = "x";
            serilog["AuditTo"] = audit;
        }).Errors.ShouldBe(
        [
            "Serilog:AuditTo:0:Args:channl is not an option; did you mean channel?",
            "Serilog:WriteTo:0:Args:bufferSize was 'many'; use a whole number from 1 to 1000000.",
        ]);

    [Fact]
    public void AnOptionStandsInOnePlace() =>
        Wrong(serilog => Args(serilog["WriteTo"]!)["options"]!["source"] = "other").Errors
            .ShouldBe(["Serilog:WriteTo:0:Args:source is given as Serilog:WriteTo:0:Args:options:source too; give it once."]);

    [Fact]
    public async Task OptionsReachTheSink()
    {
        using (var logger = Bind(serilog =>
        {
            Away(serilog);
            Args(serilog["WriteTo"]!)["options"]!["Sampling"] = new JsonObject { ["information"] = 1_000 };
        }))
            for (var i = 0; i < 10; i++) logger.Information("one of many");
        (await SpooledAsync()).Records.ShouldBe(1);
    }

    [Fact]
    public void WhereASpoolCannotBeMadeItIsToldTheSameWay()
    {
        File.WriteAllText(_spool.File("file"), "");
        Wrong(serilog =>
            Args(serilog["WriteTo"]!)["spoolDirectory"] = _spool.File("file", "spool")).Message.ShouldContain("LOG_SPOOL_DIRECTORY");
    }

    [Fact]
    public void AnArgumentOfASinkWithinASinkIsSeenToo() =>
        Should.Throw<Exception>(() => Bind(serilog => serilog["WriteTo"] = new JsonArray(new JsonObject
        {
            ["Name"] = "Logger",
            ["Args"] = new JsonObject { ["configureLogger"] = new JsonObject { ["WriteTo"] = new JsonArray(
                new JsonObject { ["Name"] = "Temporal", ["Args"] = new JsonObject { ["adress"] = "x:1" } }) } },
        }))).GetBaseException().ShouldBeOfType<ConfigurationException>().Errors.ShouldBe([
            "Serilog:WriteTo:0:Args:configureLogger:WriteTo:0:Args:adress is not an option; did you mean address?"]);

    [Fact]
    public void EveryWrongValueIsToldInASentence() =>
        Wrong(serilog =>
        {
            var args = Args(serilog["WriteTo"]!);
            args["bufferSize"] = "many";
            args["flushInterval"] = "soon";
            args["ignoreEnvironment"] = "perhaps";
            args["restrictedToMinimumLevel"] = "Info";
            args["options"]!["fallback"] = new JsonObject { ["mode"] = "Spol" };
            args["options"]!["limits"] = new JsonObject { ["batchBytesMax"] = "1TiB" };
        }).Errors.ShouldBe(
        [
            "Serilog:WriteTo:0:Args:ignoreEnvironment was 'perhaps'; use true or false.",
            "Serilog:WriteTo:0:Args:restrictedToMinimumLevel was 'Info'; use one of Verbose, Debug, Information, Warning, Error, Fatal.",
            "Serilog:WriteTo:0:Args:bufferSize was 'many'; use a whole number from 1 to 1000000.",
            "Serilog:WriteTo:0:Args:flushInterval was 'soon'; use a time from 10ms to 1h, such as 5, 5s, 500ms or 00:00:05.",
            "Serilog:WriteTo:0:Args:options:limits:batchBytesMax was '1TiB'; use a size from 16KiB to 1984KiB, such as 1048576, 512KiB "
            + "or 64MiB.",
            "Serilog:WriteTo:0:Args:options:fallback:mode was 'Spol'; use one of Spool, WriteFile.",
        ]);

    /// <summary>What a next process finds.</summary>
    async Task<(string Source, int Records)> SpooledAsync()
    {
        var rig = new SinkRig(SpoolFolder.Open(_spool.Path));
        var sink = rig.Open();
        await rig.UntilAsync(sink, stats => stats.Adopted > 0 && stats.Spooled == 0);
        await rig.CloseAsync(sink);
        return (rig.Temporal.Batches[0].Header.Source, rig.Temporal.Records.Count);
    }

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlocks();
}
