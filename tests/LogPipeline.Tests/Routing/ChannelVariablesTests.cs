using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Routing;

public sealed class ChannelVariablesTests
{
    static (ChannelRules Rules, IReadOnlyList<string> Errors) Read(params (string Name, string Value)[] variables)
    {
        var values = variables.ToDictionary(v => v.Name, v => v.Value);
        var environment = new EnvironmentReader(name => values.GetValueOrDefault(name));
        var rules = ChannelVariables.Read(environment, values.Keys,
            new RetentionOptions(AgeMax: TimeSpan.FromDays(30), FilesMax: 9, AgeMin: TimeSpan.FromHours(1)));
        return (rules, environment.Errors);
    }

    static ChannelRule RuleOf(ChannelRules rules, string channel) => rules.Of(ChannelName.Of(channel));

    [Fact]
    public void WithoutVariablesRecordsAreWrittenAsTheyAre() => Read().Rules.ShouldBeSameAs(ChannelRules.Plain);

    [Fact]
    public void AChannelTakesWhatIsSaidOfItAndTheRestFromAll()
    {
        var (rules, errors) = Read(("LOG_FORMAT", "json"), ("LOG_LEVEL_MIN", "debug"), ("LOG_CHANNEL_AUDIT_FORMAT", "clef"),
            ("LOG_CHANNEL_AUDIT_RETENTION_AGE", "0"),
            ("LOG_CHANNEL_WEB_SHOP_LEVEL_MIN", "Warning"), ("LOG_CHANNEL_WEB_SHOP_RETENTION_FILES", "3"),
            ("LOG_CHANNEL_WEB_SHOP_TEXT_TEMPLATE", "{Message}"));
        errors.ShouldBeEmpty();
        RuleOf(rules, "audit")
            .ShouldBe(new ChannelRule { Format = LogFormat.Clef, LevelMin = RecordLevel.Debug, RetentionAge = null, RetentionFiles = 9 });
        RuleOf(rules, "web-shop").ShouldSatisfyAllConditions(r => r.Format.ShouldBe(LogFormat.Json), r =>
            r.LevelMin.ShouldBe(RecordLevel.Warning),
            r => r.RetentionAge.ShouldBe(TimeSpan.FromDays(30)), r => r.RetentionFiles.ShouldBe(3), r =>
                r.Template.Names.ShouldBe(["Message"]));
        RuleOf(rules, "other").ShouldSatisfyAllConditions(r => r.Format.ShouldBe(LogFormat.Json), r =>
            r.LevelMin.ShouldBe(RecordLevel.Debug));
    }

    [Fact]
    public void ZeroTakesTheBoundOfAllOffOneChannel()
    {
        var (rules, errors) = Read(("LOG_CHANNEL_AUDIT_RETENTION_FILES", "0"));
        errors.ShouldBeEmpty();
        RuleOf(rules, "audit").RetentionFiles.ShouldBeNull();
    }

    [Theory]
    [InlineData("web-shop")]
    [InlineData("Web.Shop")]
    [InlineData("WEB_SHOP")]
    [InlineData("web shop")]
    public void CaseAndPunctuationOfAChannelDoNotCount(string channel)
    {
        var (rules, _) = Read(("LOG_CHANNEL_WEB_SHOP_FORMAT", "text"));
        RuleOf(rules, channel).Format.ShouldBe(LogFormat.Text);
        // Retention knows a folder's name alone.
        ChannelName.TryParse(ChannelName.Of(channel).ToString(), out var folder).ShouldBeTrue();
        rules.Of(folder).Format.ShouldBe(LogFormat.Text);
        RuleOf(rules, "webshop").Format.ShouldBe(LogFormat.Clef);
    }

    [Theory]
    [InlineData("LOG_FORMAT", "xml", "LOG_FORMAT was 'xml'; use one of Clef, Json, Text.")]
    [InlineData("LOG_LEVEL_MIN", "loud", "LOG_LEVEL_MIN was 'loud'; use one of trace, debug, info, warning, error, fatal.")]
    [InlineData("LOG_TEXT_TEMPLATE", "{Level", "LOG_TEXT_TEMPLATE was '{Level'; close each '{' with '}', or write '{{' for a brace.")]
    [InlineData("LOG_CHANNEL_APP_FORMAT", "csv", "LOG_CHANNEL_APP_FORMAT was 'csv'; use one of Clef, Json, Text.")]
    [InlineData("LOG_CHANNEL_APP_RETENTION_AGE", "10m",
        "LOG_CHANNEL_APP_RETENTION_AGE was '10m'; use at least LOG_RETENTION_AGE_MIN, which is 1h.")]
    [InlineData("LOG_CHANNEL_APP_RETENTION_FILES", "-1", "LOG_CHANNEL_APP_RETENTION_FILES was '-1'; use a whole number from 0 to 1000000.")]
    public void AWrongValueIsToldWithWhatWouldDo(string variable, string value, string told) =>
        Read((variable, value)).Errors.ShouldBe([told]);

    [Theory]
    [InlineData("LOG_CHANNEL_APP_FORMT")]
    [InlineData("LOG_CHANNEL__FORMAT")]
    [InlineData("LOG_CHANNEL_app_FORMAT")]
    [InlineData("LOG_CHANNEL_FORMAT")]
    [InlineData("LOG_CHANNEL_APP_RETENTION_AGE_MIN")]
    public void AVariableThatSetsNothingIsToldToo(string variable) =>
        Read((variable, "json")).Errors.ShouldHaveSingleItem()
            .ShouldStartWith($"{variable} is no setting of a channel; use LOG_CHANNEL_<NAME>");

    [Fact]
    public void OthersVariablesAreNoChannels() =>
        Read(("LOG_CHANNEL", "app"), ("LOG_CHANNELS_MAX", "5"))
            .ShouldSatisfyAllConditions(r => r.Errors.ShouldBeEmpty(), r => r.Rules.ShouldBeSameAs(ChannelRules.Plain));
}
