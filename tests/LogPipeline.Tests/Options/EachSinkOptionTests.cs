using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Publisher;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Options;

/// <summary>
/// Each option, told alone in each way that there is, is what the running sink has, and no other option changes. A variable wins
/// over it, and an empty one does not.
/// </summary>
[Collection(ProcessEnvironment.Collection)]
public sealed class EachSinkOptionTests : IDisposable
{
    /// <summary>An option, what code or a file says of it, and what its variable says. TEMP is a directory of the test.</summary>
    static readonly string[] Rows =
    [
        "Address 127.0.0.1:2 127.0.0.1:3",
        "Namespace code environment",
        "TaskQueue code environment",
        "Source code environment",
        "Channel code environment",
        "BufferSize 21 31",
        "FlushInterval 00:00:07 00:00:00.250",
        "FlushOnError False False",
        "Durability PowerSafe Memory",
        "SpoolDirectory TEMP/code TEMP/environment",
        "Limits.BatchRecordsMax 21 31",
        "Limits.BatchBytesMax 50000 60000",
        "Limits.QueueCountMax 21 31",
        "Limits.QueueBytesMax 70000 80000",
        "Limits.SpoolBytesMax 70000 80000",
        "Limits.EventBytesMax 20000 30000",
        "Limits.StringLengthMax 21 31",
        "Limits.CollectionCountMax 21 31",
        "Limits.DepthMax 21 31",
        "Timeouts.BackPressure 00:00:07 00:00:00.250",
        "Timeouts.Start 00:00:07 00:00:00.250",
        "Timeouts.Close 00:00:07 00:00:00.250",
        "Timeouts.Audit 00:00:07 00:00:00.250",
        "Timeouts.Report 00:00:07 00:00:00.250",
        "Breaker.After 21 31",
        "Breaker.IntervalMax 00:00:07 00:00:08.250",
        "Breaker.DeniedDelay 00:00:07 00:00:08.250",
        "Sampling.Verbose 21 31",
        "Sampling.Debug 21 31",
        "Sampling.Information 21 31",
        "Sampling.RepeatWindow 00:00:07 00:00:00.250",
        "Sampling.ShedPercent 21 31",
        "Fallback.Mode WriteFile Spool",
        "Fallback.Directory code environment",
        "Fallback.FileBytesMax 70000 80000",
        "Redaction.Scope Names Off",
        "Redaction.Names code environment",
        "Redaction.Pattern code environment",
        "Codec.EncryptionKeys code:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= "
            + "environment:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "Codec.GzipBytesMin 21 31",
    ];

    readonly TempDirectory _folder = new();
    readonly ProcessEnvironment _environment = new();

    public EachSinkOptionTests()
    {
        // Nothing of the machine's own.
        foreach (var (_, variable) in SinkOptionNames.All) _environment.Set(variable, null);
        _environment.Set("TEMPORAL_CONFIG_FILE", _folder.File("nowhere.toml"));
        _environment.Set("XDG_DATA_HOME", _folder.File("data"));
    }

    public void Dispose()
    {
        _environment.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string> Ways => [.. SinkWays.All.Keys];
    public static TheoryData<string> WaysWithArguments => [.. SinkWays.WithArguments.Keys];

    [Fact]
    public void EveryOptionHasARow() => Rows.Select(row => row.Split(' ')[0])
        .ShouldBe(SinkOption.All.Where(option => option.IsText).Select(option => option.Name), ignoreOrder: true);

    [Theory, MemberData(nameof(Ways))]
    public void ToldAloneItChangesNothingElse(string way)
    {
        foreach (var row in Read()) Holds(SinkWays.All[way], SinkWays.IsAudit(way), Base, row);
    }

    [Theory, MemberData(nameof(WaysWithArguments))]
    public void ToldAsAnArgumentItChangesNothingElse(string way)
    {
        // Nothing else can be told in code.
        var others = Base.Where(told => SinkWays.Flat.Contains(told.Key)).ToDictionary();
        foreach (var row in Read().Where(row => SinkWays.Flat.Contains(row.Name)))
            Holds(SinkWays.WithArguments[way], SinkWays.IsAudit(way), others, row);
    }

    [Theory, MemberData(nameof(Ways))]
    public void WhereNothingIsToldTheDefaultsHold(string way)
    {
        var expected = SinkWays.Shown(new TemporalSinkOptions());
        expected["Source"] = System.Reflection.Assembly.GetEntryAssembly()!.GetName().Name!;
        expected["SpoolDirectory"] = Path.Combine(Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "logpipeline", "spool");
        expected["Codec.EncryptionKeys"] = "no keys";
        if (SinkWays.IsAudit(way)) expected["Durability"] = "PowerSafe";
        Held(SinkWays.All[way], new Dictionary<string, string>()).ShouldBe(expected);
    }

    /// <summary>In code they are one value; as texts there are three.</summary>
    [Theory]
    [InlineData("WriteTo in JSON")]
    [InlineData("AuditTo in JSON")]
    [InlineData("section of a host")]
    public void KeysMayStandInAFileAndOneIsNamedToEncrypt(string way)
    {
        const string key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        File.WriteAllText(_folder.File("keys"), $"a:{key}\nb:{key}\nc:{key}\n");
        File.WriteAllText(_folder.File("others"), $"d:{key}\nc:{key}\n");
        string Keys(params (string Name, string Text)[] told)
        {
            var texts = new Dictionary<string, string>(Base);
            foreach (var (name, text) in told) texts[$"Codec.{name}"] = text;
            return Held(SinkWays.All[way], texts)["Codec.EncryptionKeys"];
        }
        var (inFile, second) = (("EncryptionKeysFile", _folder.File("keys")), ("EncryptionKeyId", "b"));
        Keys(inFile).ShouldBe("a (encrypts), b, c");
        Keys(inFile, second).ShouldBe("a, b (encrypts), c");
        Keys(("EncryptionKeys", $"a:{key},b:{key}"), second).ShouldBe("a, b (encrypts)");
        _environment.Set("LOG_ENCRYPTION_KEY_ID", "");
        Keys(inFile, second).ShouldBe("a, b (encrypts), c");
        _environment.Set("LOG_ENCRYPTION_KEY_ID", "c");
        Keys(inFile, second).ShouldBe("a, b, c (encrypts)");
        _environment.Set("LOG_ENCRYPTION_KEYS_FILE", _folder.File("others"));
        Keys(inFile, second).ShouldBe("d, c (encrypts)");
    }

    /// <summary>Small files, and nothing at the address.</summary>
    Dictionary<string, string> Base => new()
    {
        ["Address"] = "127.0.0.1:1", ["SpoolDirectory"] = _folder.File("spool"), ["Source"] = "base",
        ["Limits.SpoolBytesMax"] = "65536", ["Limits.EventBytesMax"] = "16384", ["Timeouts.Close"] = "00:00:00",
    };

    void Holds(SinkWays.Open open, bool audits, Dictionary<string, string> others, (string Name, string Code, string Environment) row)
    {
        var (name, code, environment) = row;
        var variable = SinkOptionNames.All.Single(option => option.Name == name).Variable;
        var told = new Dictionary<string, string>(others) { [name] = code };
        foreach (var (text, value) in new[] { ("", code), (environment, environment) })
        {
            _environment.Set(variable, text);
            if (audits && name == "Fallback.Mode" && value == "WriteFile")
                Should.Throw<ConfigurationException>(() => Held(open, told)).Message
                    .ShouldBe("Fallback.Mode was 'WriteFile'; use Spool with AuditTo.Temporal: only the spool is synced.");
            else
                Held(open, told).Except(Expected(new Dictionary<string, string>(others) { [name] = value }, audits))
                    .ShouldBeEmpty($"{name} was told as {code}, {variable} was '{text}'.");
            _environment.Set(variable, null);
        }
    }

    static Dictionary<string, string> Expected(Dictionary<string, string> told, bool audits)
    {
        var expected = SinkWays.Shown(SinkWays.OptionsOf(told));
        if (!told.ContainsKey("Codec.EncryptionKeys")) expected["Codec.EncryptionKeys"] = "no keys";
        // Whatever is told.
        if (audits) expected["Durability"] = "PowerSafe";
        return expected;
    }

    static Dictionary<string, string> Held(SinkWays.Open open, IReadOnlyDictionary<string, string> texts)
    {
        var (sink, closing) = open(texts);
        using (closing) return SinkWays.Shown(SinkWays.HeldBy(sink));
    }

    IEnumerable<(string Name, string Code, string Environment)> Read() =>
        Rows.Select(row => row.Replace("TEMP", _folder.Path, StringComparison.Ordinal).Split(' '))
            .Select(row => (row[0], row[1], row[2]));
}
