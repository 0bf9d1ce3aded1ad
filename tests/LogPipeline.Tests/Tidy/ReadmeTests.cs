using System.Reflection;
using System.Text.RegularExpressions;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Tidy;

/// <summary>What the README and the sink's tables in docs/configuration.md say is what the product has.</summary>
public sealed partial class ReadmeTests
{
    static readonly string Readme = File.ReadAllText(Repository.PathOf("README.md"));

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
        var options = typeof(TemporalSinkOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            // Code has no variable.
            .Where(property => !typeof(Delegate).IsAssignableFrom(property.PropertyType)).Select(property => property.Name);
        told.ShouldBe(options, ignoreOrder: true);
    }

    [Fact]
    public void TheTablesNameTheVariablesThatAreRead()
    {
        var reader = string.Concat(SourceFiles.Under("src/LogPublisher", "src/Workflows/Codecs").Select(file => file.Code));
        foreach (Match row in OptionRow().Matches(Configuration))
            reader.ShouldContain($"\"{row.Groups["variable"].Value}\"", Case.Sensitive, $"{row.Groups["variable"].Value} is in docs/configuration.md and nowhere else.");
    }

    [Fact]
    public void TheTablesSayTheDefaultsThatHold()
    {
        var defaults = new TemporalSinkOptions();
        foreach (Match row in OptionRow().Matches(Configuration))
        {
            var value = typeof(TemporalSinkOptions).GetProperty(row.Groups["name"].Value)!.GetValue(defaults);
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
        var options = typeof(TemporalSinkOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly);
        var defaults = Settle("", "");
        foreach (Match row in OptionRow().Matches(Configuration))
        {
            var (name, variable) = (row.Groups["name"].Value, row.Groups["variable"].Value);
            var (text, value) = Another(name, options.Single(option => option.Name == name).GetValue(defaults));
            var set = Settle(variable, text);
            options.Where(option => !Equals(option.GetValue(set), option.GetValue(defaults))).Select(option => option.Name).ShouldBe([name], variable);
            if (value is not null) options.Single(option => option.Name == name).GetValue(set).ShouldBe(value, variable);
        }

        static TemporalSinkOptions Settle(string variable, string text) =>
            LogPipeline.Publisher.Options.SinkOptionsReader.Settle(new TemporalSinkOptions(), name => name == variable ? text : null);
    }

    /// <summary>A value that is not the default, as text and as it is read; null: what is read has no equality.</summary>
    static (string Text, object? Value) Another(string name, object? value) => (name, value) switch
    {
        (nameof(TemporalSinkOptions.Address), _) => ("other:7233", "other:7233"),
        (nameof(TemporalSinkOptions.EncryptionKeys), _) => ($"k1:{Convert.ToBase64String(new byte[32])}", null),
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
    [GeneratedRegex(@"^\| `(?<name>[A-Z]\w+)` \| `(?<variable>[A-Z_]+)` \| (?<default>[^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex OptionRow();
}
