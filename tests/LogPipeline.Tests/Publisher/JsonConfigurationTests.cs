using System.Reflection;
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
        JsonNode.Parse(JsonBlocks().Matches(File.ReadAllText(Repository.PathOf("docs", "configuration.md"))).Select(block => block.Groups["json"].Value).Single(json => json.Contains("\"Serilog\"")))!;

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
        Args(serilog["WriteTo"]!)["closeTimeout"] = "1s";
    }

    ConfigurationException Wrong(Action<JsonNode> change) =>
        Should.Throw<Exception>(() => Bind(change)).GetBaseException().ShouldBeOfType<ConfigurationException>();

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

    [Fact]
    public async Task LevelsAndSwitchesAreSerilogsOwn()
    {
        using (var logger = Bind(serilog =>
        {
            Away(serilog);
            serilog["LevelSwitches"] = new JsonObject { ["$temporal"] = "Error" };
            Args(serilog["WriteTo"]!)["levelSwitch"] = "$temporal";
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
            var sinks = serilog["WriteTo"]!.DeepClone();
            ((JsonObject)serilog).Remove("WriteTo");
            serilog["AuditTo"] = sinks;
        }))
            logger.Information("kept");
        (await SpooledAsync()).ShouldBe(("shop", 1));
    }

    [Fact]
    public void AnArgumentThatNobodyTakesIsToldWithTheOneThatWasMeant()
    {
        Wrong(serilog =>
        {
            Args(serilog["WriteTo"]!)["flushIntervall"] = "5s";
            Args(serilog["WriteTo"]!)["SpoolDir"] = "x";
        }).Errors.ShouldBe(
        [
            "Serilog:WriteTo:0:Args:flushIntervall is not an option; did you mean flushInterval?",
            "Serilog:WriteTo:0:Args:SpoolDir is not an option; did you mean spoolDirectory?",
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
    public void AnArgumentOfASinkWithinASinkIsSeenToo() =>
        Wrong(serilog => serilog["WriteTo"] = new JsonArray(new JsonObject
        {
            ["Name"] = "Logger",
            ["Args"] = new JsonObject { ["configureLogger"] = new JsonObject { ["WriteTo"] = new JsonArray(new JsonObject { ["Name"] = "Temporal", ["Args"] = new JsonObject { ["adress"] = "x:1" } }) } },
        })).Errors.ShouldBe(["Serilog:WriteTo:0:Args:configureLogger:WriteTo:0:Args:adress is not an option; did you mean address?"]);

    [Fact]
    public void EveryWrongValueIsToldInASentence() =>
        Wrong(serilog =>
        {
            var args = Args(serilog["WriteTo"]!);
            args["bufferSize"] = "many";
            args["flushInterval"] = "soon";
            args["fallback"] = "Spol";
            args["batchBytesMax"] = "1TiB";
        }).Errors.ShouldBe(
        [
            "WriteTo.Temporal:BufferSize was 'many'; use a whole number from 1 to 1000000.",
            "WriteTo.Temporal:FlushInterval was 'soon'; use a time from 10ms to 1h, such as 5, 5s, 500ms or 00:00:05.",
            "WriteTo.Temporal:BatchBytesMax was '1TiB'; use a size from 16KiB to 1984KiB, such as 1048576, 512KiB or 64MiB.",
            "WriteTo.Temporal:Fallback was 'Spol'; use one of Spool, WriteFile.",
        ]);

    [Theory]
    [InlineData(typeof(Serilog.Configuration.LoggerSinkConfiguration))]
    [InlineData(typeof(Serilog.Configuration.LoggerAuditSinkConfiguration))]
    public void JsonTakesEveryOptionThatIsAText(Type configuration)
    {
        var method = typeof(TemporalConfigurationExtensions).GetMethods().Single(method => method.GetParameters().FirstOrDefault()?.ParameterType == configuration);
        var options = typeof(TemporalSinkOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(property => IsText(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType)).Select(property => property.Name);
        method.GetParameters().Where(parameter => parameter.ParameterType == typeof(string)).Select(parameter => char.ToUpperInvariant(parameter.Name![0]) + parameter.Name[1..])
            .ShouldBe(options, ignoreOrder: true);
    }

    static bool IsText(Type type) => type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(TimeSpan);

    /// <summary>What a next process finds.</summary>
    async Task<(string Source, int Records)> SpooledAsync()
    {
        var rig = new SinkRig(new PhysicalDirectory(_spool.Path));
        var sink = rig.Open();
        await rig.UntilAsync(sink, stats => stats.Adopted > 0 && stats.Spooled == 0);
        await rig.CloseAsync(sink);
        return (rig.Temporal.Batches[0].Header.Source, rig.Temporal.Records.Count);
    }

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlocks();
}
