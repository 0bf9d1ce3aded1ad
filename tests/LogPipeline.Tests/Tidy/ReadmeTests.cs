using System.Text.RegularExpressions;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Publisher;

namespace LogPipeline.Tests.Tidy;

/// <summary>What the README and the sink's tables in docs/configuration.md say is what the product has.</summary>
public sealed partial class ReadmeTests
{
    static readonly string Readme = File.ReadAllText(Repository.PathOf("README.md"));

    /// <summary>In code a key ring is one value.</summary>
    static readonly string[] OnlyTexts = ["Codec.EncryptionKeysFile", "Codec.EncryptionKeyId"];

    static readonly string Configuration = Documents.Section("docs/configuration.md", "The sink");

    [Fact]
    public void TheFirstCodeIsTheQuickstart()
    {
        var code = FirstCode().Match(Readme);
        code.Success.ShouldBeTrue();
        code.Groups["code"].Value.Trim().ShouldBe(File.ReadAllText(Repository.PathOf("samples", "Quickstart", "Program.cs")).Trim());
    }

    [Fact]
    public void TheReadmesTestCommandIsTheOneThatTheBuildServerRuns()
    {
        Readme.ShouldContain("    dotnet test LogPipeline.sln\n");
        File.ReadAllText(Repository.PathOf(".ci", "run")).ShouldContain("\ndotnet test LogPipeline.sln ");
    }

    [Fact]
    public void TheTablesHaveEveryOptionOfTheSink()
    {
        var told = OptionRow().Matches(Configuration).Select(row => row.Groups["name"].Value);
        told.ShouldBe(SinkOption.All.Where(option => option.IsText).Select(option => option.Name), ignoreOrder: true);
    }

    [Fact]
    public void TheTablesAreTheListOfNamesAndVariables() =>
        OptionRow().Matches(Configuration).Select(row => (row.Groups["name"].Value, row.Groups["variable"].Value))
            .ShouldBe(SinkOptionNames.All.Where(option => !OnlyTexts.Contains(option.Name)));

    [Fact]
    public void TheListHasEveryOptionThatATextCanSet() =>
        SinkOptionNames.All.Select(option => option.Name).Except(OnlyTexts)
            .ShouldBe(SinkOption.All.Where(option => option.IsText).Select(option => option.Name));

    [Fact]
    public void TheTablesSayTheDefaultsThatHold()
    {
        var defaults = new TemporalSinkOptions();
        foreach (Match row in OptionRow().Matches(Configuration))
        {
            var value = SinkOption.Named(row.Groups["name"].Value).Get(defaults);
            var told = row.Groups["default"].Value.Trim('`');
            switch (value)
            {
                case null: break;
                case TimeSpan time:
                    Workflows.Configuration.OptionText.TryParseDuration(told, out var toldTime).ShouldBeTrue(told);
                    toldTime.ShouldBe(time, row.Value);
                    break;
                case long or int:
                    Workflows.Configuration.OptionText.TryParseBytes(told, out var toldNumber).ShouldBeTrue(told);
                    toldNumber.ShouldBe(Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture), row.Value);
                    break;
                default:
                    told.Equals(value.ToString(), StringComparison.OrdinalIgnoreCase).ShouldBeTrue(row.Value);
                    break;
            }
        }
    }

    [Fact]
    public void EachVariableOfTheTablesSetsItsOptionAndNoOther()
    {
        var defaults = Settle("", "");
        foreach (Match row in OptionRow().Matches(Configuration))
        {
            var (name, variable) = (row.Groups["name"].Value, row.Groups["variable"].Value);
            var (text, value) = Another(name, SinkOption.Named(name).Get(defaults));
            var set = Settle(variable, text);
            SinkOption.All.Where(option => !Equals(option.Get(set), option.Get(defaults))).Select(option => option.Name)
                .ShouldBe([name], variable);
            if (value is not null) SinkOption.Named(name).Get(set).ShouldBe(value, variable);
            FromText(name, text).ToString().ShouldBe(set.ToString(), $"{name} in a configuration is {variable}.");
        }

        static TemporalSinkOptions Settle(string variable, string text) =>
            SinkOptionsReader.Settle(new TemporalSinkOptions(), name => name == variable ? text : null);

        static TemporalSinkOptions FromText(string name, string text)
        {
            var (texts, errors) = (new OptionTexts(), new Workflows.Configuration.EnvironmentReader());
            texts.Add(name, name, text);
            var read = SinkOptionsReader.FromTexts(texts, errors);
            errors.Errors.ShouldBeEmpty();
            return read;
        }
    }

    /// <summary>A value that is not the default, as text and as it is read; null: what is read has no equality.</summary>
    static (string Text, object? Value) Another(string name, object? value) => (name, value) switch
    {
        (nameof(TemporalSinkOptions.Address), _) => ("other:7233", "other:7233"),
        ("Codec.EncryptionKeys", _) => ($"k1:{Convert.ToBase64String(new byte[32])}", null),
        (_, bool yes) => (yes ? "false" : "true", !yes),
        (_, int number) => ($"{number + 1}", number + 1),
        (_, long number) => ($"{number + 1}", number + 1),
        (_, TimeSpan time) => ($"{time.TotalMilliseconds + 250}ms", time + TimeSpan.FromMilliseconds(250)),
        (_, Durability) => ("Memory", Durability.Memory),
        (_, TemporalFallback) => ("WriteFile", TemporalFallback.WriteFile),
        (_, RedactionScope) => ("Names", RedactionScope.Names),
        _ => ("other", "other"),
    };

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex FirstCode();

    // A row whose first cell is a name in code and whose second is a variable.
    [GeneratedRegex(@"^\| `(?<name>[A-Z][\w.]+)` \| `(?<variable>[A-Z_]+)` \| (?<default>[^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}
