using System.Text.RegularExpressions;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Tidy;
using LogPipeline.Worker;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Formats;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Worker;

/// <summary>What <c>logworker.json</c> says, and what is said of what is wrong in it.</summary>
public sealed partial class ConfigurationFileTests : IDisposable
{
    readonly TempDirectory _directory = new();
    string Path => _directory.File("logworker.json");

    public void Dispose() => _directory.Dispose();

    ConfigurationFile File(string json)
    {
        System.IO.File.WriteAllText(Path, json);
        return ConfigurationFile.Read(Path)!;
    }

    WorkerSettings Settings(string json, params (string Name, string Value)[] variables) =>
        new(variables.Append(("TEMPORAL_CONFIG_FILE", "/nowhere/temporal.toml")).ToDictionary(v => v.Item1, v => v.Item2), File(json));

    /// <summary>Without the file's name, which each sentence has.</summary>
    string[] Wrong(string json, params (string Name, string Value)[] variables) =>
        [.. Should.Throw<ConfigurationException>(() => Settings(json, variables).Read(LogWorkerOptions.Read)).Errors
            .Select(error => error.Replace(Path, "FILE", StringComparison.Ordinal))];

    string Refused(string json) =>
        Should.Throw<ConfigurationException>(() => File(json)).Errors.ShouldHaveSingleItem()
            .Replace(Path, "FILE", StringComparison.Ordinal);

    [Fact]
    public void EveryOptionHasAPlaceInTheFileInCamelAndInPascalCase()
    {
        foreach (var option in WorkerOption.All)
            foreach (var name in new[] { option.Name,
                string.Join('.', option.Name.Split('.').Select(part => char.ToUpperInvariant(part[0]) + part[1..])) })
            {
                var json = name.Split('.').Reverse().Aggregate("\"a text\"", (inner, part) => $"{{ \"{part}\": {inner} }}");
                var file = File(json);
                file.Errors.ShouldBeEmpty(name);
                file.Variables.ShouldHaveSingleItem().ShouldBe(KeyValuePair.Create(option.Variable, (name, "a text")));
            }
    }

    [Fact]
    public void VariablesWinOverTheFileAndEmptyOnesAreUnset()
    {
        var settings = Settings("""{ "files": { "openFilesMax": 7, "channelsMax": 9 }, "level": "", "directory": null }""",
            ("LOG_CHANNELS_MAX", "11"));
        var options = settings.Read(LogWorkerOptions.Read).Options;
        (options.Files.OpenFilesMax, options.Files.ChannelsMax).ShouldBe((7, 11));
        (options.Level, options.Directory).ShouldBe((Microsoft.Extensions.Logging.LogLevel.Information, "logs"));
    }

    [Fact]
    public void AChannelHasItsOwnOptions()
    {
        var options =
            Settings("""{ "files": { "format": "text" }, "channels": { "web-shop": { "format": "json", "retentionAge": "3d" } } }""")
            .Read(LogWorkerOptions.Read).Options;
        options.Files.Channels.Of(ChannelName.Of("web-shop")).ShouldSatisfyAllConditions(
            rule => rule.Format.ShouldBe(LogFormat.Json), rule => rule.RetentionAge.ShouldBe(TimeSpan.FromDays(3)));
        options.Files.Channels.Of(ChannelName.Of("other")).Format.ShouldBe(LogFormat.Text);
    }

    [Fact]
    public void AllThatIsWrongIsToldAtOnceWithFileKeyAndValue() =>
        Wrong("""
            {
              "files": { "openFilesMax": "many", "opnFilesMax": 3 }, "fileBytesMax": "1MiB", "colour": "red", "codec": 5,
              "retention": { "age": "30m" }, "temporal": { "address": "nowhere" },
              "channels": { "audit": { "fromat": "json", "format": "xml" } },
            }
            """, ("LOG_CHANNELS_MAX", "none")).ShouldBe(
        [
            "FILE: channels.audit.fromat is not an option; did you mean channels.audit.format?",
            "FILE: codec is a group of options; name options in it.",
            "FILE: colour is not an option; 'logworker config show' names them all.",
            "FILE: fileBytesMax is not an option; did you mean files.fileBytesMax?",
            "FILE: files.opnFilesMax is not an option; did you mean files.openFilesMax?",
            "FILE: temporal.address was 'nowhere'; use HOST:PORT, such as localhost:7233.",
            "FILE: files.openFilesMax was 'many'; use a whole number from 1 to 10000.",
            "LOG_CHANNELS_MAX was 'none'; use a whole number from 1 to 100000.",
            "FILE: retention.age was '30m'; use at least LOG_RETENTION_AGE_MIN, which is 1h.",
            "FILE: channels.audit.format was 'xml'; use one of Clef, Json, Text.",
        ]);

    [Fact]
    public void WhatTheFileSaysWrongIsToldAlsoWhenItsValuesAreRight() =>
        Wrong("""{ "files": { "openFilesMax": 7 }, "colour": "red" }""").ShouldHaveSingleItem()
            .ShouldStartWith("FILE: colour is not an option");

    [Fact]
    public void AVariableThatWinsIsNamedAndNotTheFile() =>
        Wrong("""{ "files": { "openFilesMax": 7 } }""", ("LOG_OPEN_FILES_MAX", "many"))
            .ShouldBe(["LOG_OPEN_FILES_MAX was 'many'; use a whole number from 1 to 10000."]);

    [Fact]
    public void NoSecretIsInWhatIsSaid()
    {
        var errors = string.Join('\n', Wrong("""
            {
              "sharing": { "ledgerConnection": "Hots=db;Password=hunter2" },
              "codec": { "encryptionKeys": "k:hunter2", "tokn": "hunter2", "token": "hunter2" },
              "loki": { "url": "http://x:3100", "token": "hunter2 ", "password": "hunter2" }
            }
            """));
        errors.ShouldContain("FILE: codec.encryptionKeys");
        errors.ShouldContain("FILE: sharing.ledgerConnection");
        errors.ShouldNotContain("hunter2");
    }

    [Theory]
    [InlineData("", "FILE is not JSON: line 1, byte 1: ")]
    [InlineData("{\n  \"files\": {\n", "FILE is not JSON: line 3, byte 1: ")]
    [InlineData("{\n  \"files\": nothing }", "FILE is not JSON: line 2, byte 13: ")]
    [InlineData("[1]", "FILE: Top-level JSON element must be an object.")]
    [InlineData("""{ "level": "Debug", "Level": "Debug" }""", "FILE: A duplicate key ")]
    public void WhatIsNoFileOfSettingsIsToldInASentence(string json, string sentence) => Refused(json).ShouldStartWith(sentence);

    [Fact]
    public void TwoNamesOfOneChannelAreNotBoth() =>
        Wrong("""{ "channels": { "web-shop": { "format": "json" }, "web_shop": { "format": "text" } } }""")
            .ShouldBe(["FILE: channels.web_shop.format is given as channels.web-shop.format too; give it once."]);

    [Fact]
    public void AFileHasABound() =>
        Refused(new string(' ', 1024 * 1024) + "{}").ShouldBe("FILE has 1048578 bytes; use a file of 1048576 bytes at most.");

    [Fact]
    public void AFileThatIsNamedMustBeThereAndReadable()
    {
        var nowhere = _directory.File("nowhere.json");
        Should.Throw<ConfigurationException>(() => ConfigurationFile.Read(nowhere)).Message
            .ShouldBe($"There is no file '{nowhere}'; name the worker's configuration with --config.");
        // A directory is what every user, root too, cannot read as a file.
        Should.Throw<ConfigurationException>(() => ConfigurationFile.Read(_directory.Path)).Message
            .ShouldStartWith($"{_directory.Path} cannot be read by user {Environment.UserName}: ");
        Should.Throw<ConfigurationException>(() => ConfigurationFile.Read(_directory.File("no", "such"))).Message.ShouldContain("no/such");
        Should.Throw<ConfigurationException>(() => ConfigurationFile.Read("")).Message.ShouldContain("cannot be read");
    }

    [Fact]
    public void TheBlockOfTheDocumentIsAFileOfSettings()
    {
        var block = JsonBlock().Match(Documents.Section("docs/configuration.md", "The worker")).Groups["json"].Value;
        var options = Settings(block).Read(LogWorkerOptions.Read).Options;
        options.Files.Retention.BytesMax.ShouldBe(20L << 30);
        options.Files.Channels.Of(ChannelName.Of("web-shop")).Format.ShouldBe(LogFormat.Json);
    }

    [GeneratedRegex("```json\n(?<json>.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
