using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Publisher;

public sealed class RedactionOptionsTests
{
    static TemporalSinkOptions Settle(TemporalSinkOptions options, params (string Name, string Value)[] variables) =>
        SinkOptionsReader.Settle(options, name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    [Theory]
    [InlineData("off", RedactionScope.Off)]
    [InlineData("names", RedactionScope.Names)]
    [InlineData("ALL", RedactionScope.All)]
    public void TheEnvironmentSaysHowMuchIsRedacted(string text, RedactionScope expected) =>
        Settle(new TemporalSinkOptions { Redaction = RedactionScope.Names }, ("LOG_REDACTION", text)).Redaction.ShouldBe(expected);

    [Theory]
    [InlineData("(")]
    [InlineData("(a)\\1")]
    [InlineData("a(?=b)")]
    public void APatternThatIsNoneOrCouldTakeForeverIsRefused(string pattern)
    {
        Should.Throw<ConfigurationException>(() => Settle(new TemporalSinkOptions { RedactedPattern = pattern })).Message.ShouldStartWith("RedactedPattern was");
        Should.Throw<ConfigurationException>(() => Settle(new TemporalSinkOptions(), ("LOG_REDACTED_PATTERN", pattern))).Message.ShouldStartWith("LOG_REDACTED_PATTERN was");
    }

    [Fact]
    public void NamesAndPatternOfTheOptionsAreLookedFor()
    {
        var redactor = RedactionOptions.Redactor(Settle(new TemporalSinkOptions { RedactedPattern = "ACME-[0-9]+" }, ("LOG_REDACTED_NAMES", "iban, employee number")));
        redactor.Replacement("v", "ACME-17").ShouldBe("[redacted]");
        redactor.OfName("EmployeeNumber").ShouldBe(LogPipeline.Publisher.Redaction.Secrecy.All);
    }

    [Fact]
    public async Task NeitherTemporalNorTheSpoolGetsToSeeASecret()
    {
        foreach (var isAway in new[] { false, true })
        {
            var rig = new SinkRig();
            if (isAway) rig.Temporal.Instead = FakeTemporal.Away;
            var sink = rig.Open();
            sink.Emit(SomeEvent.Of("{User} has {Password} and {Token}", ("User", "bob"), ("Password", "hunter2"), ("Token", "q7ZxK2mVb9")));
            sink.Emit(SomeEvent.With(new InvalidOperationException("Password=hunter2;")));
            await rig.UntilAsync(sink, stats => isAway ? stats.Spooled == 2 : stats.Accepted == 2);
            sink.Stats.Redacted.ShouldBe(2);
            // What is on disk is what a later run gets from there.
            rig.Temporal.Instead = null;
            await rig.UntilAsync(sink, stats => stats.Accepted == 2);
            await rig.CloseAsync(sink);
            foreach (var batch in rig.Temporal.Batches)
            {
                var text = System.Text.Encoding.UTF8.GetString(batch.Records);
                text.ShouldNotContain("hunter2");
                text.ShouldNotContain("q7ZxK2mVb9");
                text.ShouldContain("[redacted]");
            }
        }
    }
}
