using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using LogPipeline.TestSupport;
using LogPipeline.Worker;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Formats;
using LogPipeline.Worker.Hosting;

namespace LogPipeline.Tests.Tidy;

/// <summary>The worker's tables in docs/configuration.md against what the worker reads.</summary>
public sealed partial class WorkerOptionTablesTests
{
    const string Loki = "LOG_LOKI_URL";

    static readonly (string Name, string Variable, string Default)[] Rows = ReadRows();

    [Fact]
    public void TheTablesAreTheListOfOptions() =>
        Rows.Select(row => (row.Name, row.Variable)).ShouldBe(WorkerOption.All.Select(option => (option.Name, option.Variable)));

    [Fact]
    public void TheListHasEveryVariableThatTheWorkerReads()
    {
        var asked = new AskedVariables(Loki, "http://localhost:3100");
        LogWorkerOptions.Read(asked);
        WorkerOption.All.Select(option => option.Variable).Where(variable => variable.StartsWith("LOG_", StringComparison.Ordinal))
            .ShouldBe(asked.Names.Where(name => name.StartsWith("LOG_", StringComparison.Ordinal)), ignoreOrder: true);
    }

    [Fact]
    public void TheTablesSayTheDefaultsOfTheList()
    {
        foreach (var (name, variable, told) in Rows)
        {
            // In words.
            if (told.StartsWith("Temporal's", StringComparison.Ordinal)) continue;
            var said = told.Replace(" (off)", "", StringComparison.Ordinal).Replace("`", "", StringComparison.Ordinal);
            said.ShouldBe(WorkerOption.All.Single(option => option.Variable == variable).Default ?? "none", name);
        }
    }

    [Fact]
    public void ADefaultOfTheListIsTheOneThatHolds()
    {
        var without = Read(null, null);
        var held = 0;
        foreach (var option in WorkerOption.All)
        {
            // In words, or none.
            if (option.Default is not { } value || value is "the first" || value.Contains(" in ", StringComparison.Ordinal)
                || value.Contains(" else ", StringComparison.Ordinal)) continue;
            Said(Read(option.Variable, value)).ShouldBe(Said(without), $"{option.Name} is said to be {value} by default.");
            held++;
        }
        held.ShouldBeGreaterThanOrEqualTo(32);
    }

    [Fact]
    public void AnyOtherValueIsNoticedSoThatADefaultCannotPassUnread()
    {
        var without = Said(Read(null, null));
        foreach (var option in WorkerOption.All)
        {
            if (!(option.Default is { } told && char.IsAsciiDigit(told[0]) && !told.Contains('.') && !told.Contains(' '))) continue;
            // Each takes one of these.
            string[] others = ["13", "13s", "2d", "13MiB", "2000"];
            others.Count(value => TryRead(option.Variable, value) is { } options && Said(options) != without)
                .ShouldBeGreaterThan(0, option.Name);
        }
    }

    static LogWorkerOptions? TryRead(string name, string value)
    {
        try
        {
            return Read(name, value);
        }
        catch (Workflows.Configuration.ConfigurationException)
        {
            return null;
        }
    }

    static LogWorkerOptions Read(string? name, string? value)
    {
        var variables = new AskedVariables(Loki, "http://localhost:3100");
        if (name is not null) variables[name] = value!;
        return LogWorkerOptions.Read(variables).Options;
    }

    /// <summary>Everything that was read, as text; what prints its type alone is taken apart.</summary>
    static string Said(LogWorkerOptions options)
    {
        var rule = options.Files.Channels.Of(ChannelName.Of("any"));
        var template = new System.Buffers.ArrayBufferWriter<byte>();
        TextFormatter.Write("""{"@t":"2026-11-21T10:00:00.1234567Z","@mt":"x","@x":"y","level":"error"}"""u8, rule.Template, template);
        var plain = options with { Files = options.Files with { Channels = LogPipeline.Worker.Channels.ChannelRules.Plain } };
        return $"{plain}|{rule.Format} {rule.LevelMin}|{Encoding.UTF8.GetString(template.WrittenSpan)}";
    }

    static (string, string, string)[] ReadRows() =>
    [
        .. Row().Matches(Documents.Section("docs/configuration.md", "The worker"))
            .Select(row => (row.Groups["name"].Value, row.Groups["variable"].Value, row.Groups["default"].Value)),
    ];

    // Those of a channel have a hole in them.
    [GeneratedRegex(@"^\| `(?<name>[\w.]+)` \| `(?<variable>[A-Z_]+)` \| (?<default>[^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    /// <summary>Variables that remember which of them somebody wanted to know.</summary>
    sealed class AskedVariables : IReadOnlyDictionary<string, string>
    {
        readonly Dictionary<string, string> _set = new(StringComparer.Ordinal) { ["TEMPORAL_CONFIG_FILE"] = "/nowhere/temporal.toml" };

        public AskedVariables(string name, string value) => _set[name] = value;

        public HashSet<string> Names { get; } = [];

        public string this[string key]
        {
            get => _set[key];
            set => _set[key] = value;
        }

        public IEnumerable<string> Keys => _set.Keys;

        public IEnumerable<string> Values => _set.Values;

        public int Count => _set.Count;

        public bool ContainsKey(string key) => _set.ContainsKey(key);

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value)
        {
            Names.Add(key);
            return _set.TryGetValue(key, out value);
        }

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _set.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
