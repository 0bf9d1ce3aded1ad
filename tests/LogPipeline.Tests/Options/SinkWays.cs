using System.Reflection;
using System.Text.Json.Nodes;
using LogPipeline.Publisher;
using LogPipeline.Tests.Publisher;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serilog;

namespace LogPipeline.Tests.Options;

/// <summary>Every way in which a program tells a sink an option, and the options of the sink that runs then.</summary>
static class SinkWays
{
    /// <summary>The options that are arguments of <c>WriteTo.Temporal</c>, as docs/configuration.md names them.</summary>
    public static readonly string[] Flat =
        ["Address", "Namespace", "Source", "Channel", "BufferSize", "FlushInterval", "Durability", "SpoolDirectory"];

    /// <param name="texts">By the option's name in code.</param>
    /// <returns>What the running sink has; disposing it closes the sink.</returns>
    public delegate (TemporalSink Sink, IDisposable Closing) Open(IReadOnlyDictionary<string, string> texts);

    public static readonly IReadOnlyDictionary<string, Open> All = new Dictionary<string, Open>
    {
        ["constructor"] = texts => Closing(new TemporalSink(OptionsOf(texts))),
        ["WriteTo"] = texts => Built(logger => logger.WriteTo.Temporal(options => Set(options, texts))),
        ["AuditTo"] = texts => Built(logger => logger.AuditTo.Temporal(options => Set(options, texts))),
        ["WriteTo in JSON"] = texts => Json("WriteTo", texts, []),
        ["AuditTo in JSON"] = texts => Json("AuditTo", texts, []),
        ["section of a host"] = texts => Hosted(texts, null),
        ["code of a host"] = texts => Hosted(new Dictionary<string, string>(), options => Set(options, texts)),
    };

    /// <summary>The same for the options that are arguments.</summary>
    public static readonly IReadOnlyDictionary<string, Open> WithArguments = new Dictionary<string, Open>
    {
        ["WriteTo"] = texts =>
        {
            var o = Arguments(texts);
            return Built(logger => logger.WriteTo.Temporal(o.Address, o.Namespace, o.Source, Given<string>("Channel"),
                Given<int?>("BufferSize"), Given<TimeSpan?>("FlushInterval"), Given<Durability?>("Durability"), o.SpoolDirectory));
            T? Given<T>(string name) => texts.TryGetValue(name, out var text) ? (T?)ValueOf(name, text) : default;
        },
        ["AuditTo"] = texts =>
        {
            var o = Arguments(texts);
            return Built(logger => logger.AuditTo.Temporal(o.Address, o.Namespace, o.Source, Given<string>("Channel"),
                Given<int?>("BufferSize"), Given<TimeSpan?>("FlushInterval"), o.SpoolDirectory));
            T? Given<T>(string name) => texts.TryGetValue(name, out var text) ? (T?)ValueOf(name, text) : default;
        },
        ["WriteTo in JSON"] = texts => Json("WriteTo", texts, Flat),
        ["AuditTo in JSON"] = texts => Json("AuditTo", texts, Flat),
    };

    public static bool IsAudit(string way) => way.StartsWith("AuditTo", StringComparison.Ordinal);

    /// <summary>Read here, and not by what is tested.</summary>
    public static object? ValueOf(string name, string text)
    {
        var type = SinkOption.Named(name).Type;
        if (type == typeof(TimeSpan)) return TimeSpan.Parse(text, CultureInfo.InvariantCulture);
        if (type == typeof(Workflows.Codecs.KeyRing)) return Workflows.Codecs.KeyRing.Parse(text);
        return type.IsEnum ? Enum.Parse(type, text) : Convert.ChangeType(text, type, CultureInfo.InvariantCulture);
    }

    public static TemporalSinkOptions OptionsOf(IReadOnlyDictionary<string, string> texts)
    {
        var options = new TemporalSinkOptions();
        Set(options, texts);
        return options;
    }

    /// <summary>What the parts of a running sink were made with.</summary>
    public static TemporalSinkOptions HeldBy(TemporalSink sink) =>
        ((SinkParts)typeof(TemporalSink).GetField("_parts", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(sink)!).Options;

    /// <summary>Each option by its name, as something that can be compared.</summary>
    public static Dictionary<string, string> Shown(TemporalSinkOptions options) =>
        SinkOption.All.Where(option => option.IsText)
            .ToDictionary(option => option.Name, option => $"{option.Get(options)}");

    static void Set(TemporalSinkOptions options, IReadOnlyDictionary<string, string> texts)
    {
        foreach (var (name, text) in texts) SinkOption.Named(name).Set(options, ValueOf(name, text));
    }

    static TemporalSinkOptions Arguments(IReadOnlyDictionary<string, string> texts) =>
        OptionsOf(texts.Where(text => Flat.Contains(text.Key)).ToDictionary());

    static (TemporalSink, IDisposable) Closing(TemporalSink sink) => (sink, sink);

    static (TemporalSink, IDisposable) Built(Func<LoggerConfiguration, LoggerConfiguration> configure)
    {
        var logger = configure(new LoggerConfiguration()).CreateLogger();
        return (SinkIn(logger), logger);
    }

    static (TemporalSink, IDisposable) Json(string list, IReadOnlyDictionary<string, string> texts, string[] flat)
    {
        var args = new JsonObject();
        foreach (var (name, text) in texts)
        {
            JsonObject at = args;
            var parts = (flat.Contains(name) ? name : $"options.{name}").Split('.');
            foreach (var part in parts[..^1])
                at = (JsonObject)(at[OptionNames.Camel(part)] ??= new JsonObject());
            at[OptionNames.Camel(parts[^1])] = text;
        }
        var json = new JsonObject
        {
            ["Serilog"] = new JsonObject
            {
                ["Using"] = new JsonArray("LogPublisher"),
                [list] = new JsonArray(new JsonObject { ["Name"] = "Temporal", ["Args"] = args }),
            },
        };
        var configuration = new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json.ToJsonString()))).Build();
        return Built(logger => logger.ReadFrom.Configuration(configuration));
    }

    static (TemporalSink, IDisposable) Hosted(IReadOnlyDictionary<string, string> texts, Action<TemporalSinkOptions>? configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(texts.Select(text =>
            KeyValuePair.Create<string, string?>($"LogPublisher:{text.Key.Replace('.', ':')}", text.Value)));
        builder.AddLogPublisher(configure);
        var host = builder.Build();
        return (host.Services.GetRequiredService<TemporalSink>(), host);
    }

    /// <summary>Serilog does not tell which sinks a logger has.</summary>
    static TemporalSink SinkIn(object within) =>
        Find(within, 8) ?? throw new InvalidOperationException("The logger has no sink of the product.");

    static TemporalSink? Find(object? within, int depth)
    {
        if (within is TemporalSink sink) return sink;
        if (within is null || depth == 0) return null;
        if (within is object[] many) return many.Select(one => Find(one, depth - 1)).FirstOrDefault(found => found is not null);
        if (within.GetType().Namespace is not { } name || !name.StartsWith("Serilog", StringComparison.Ordinal)
            && !name.StartsWith("LogPipeline", StringComparison.Ordinal)) return null;
        return within.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
            .Where(field => !field.FieldType.IsValueType)
            .Select(field => Find(field.GetValue(within), depth - 1)).FirstOrDefault(found => found is not null);
    }
}
