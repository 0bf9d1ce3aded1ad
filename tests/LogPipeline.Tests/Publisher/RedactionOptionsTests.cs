using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Redaction;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Publisher;

public sealed class RedactionOptionsTests
{
    static TemporalSinkOptions Settle(TemporalSinkOptions options, params (string Name, string Value)[] variables) =>
        SinkOptionsReader.Settle(options, name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    [Theory]
    [InlineData("off", RedactionScope.Off)]
    [InlineData("names", RedactionScope.Names)]
    [InlineData("formats", RedactionScope.Formats)]
    [InlineData("ALL", RedactionScope.All)]
    public void TheEnvironmentSaysHowMuchIsRedacted(string text, RedactionScope expected) =>
        Settle(new TemporalSinkOptions { Redaction = { Scope = RedactionScope.Names } },
            ("LOG_REDACTION", text)).Redaction.Scope.ShouldBe(expected);

    [Theory]
    [InlineData("(")]
    [InlineData("(a)\\1")]
    [InlineData("a(?=b)")]
    public void APatternThatIsNoneOrCouldTakeForeverIsRefused(string pattern)
    {
        Should.Throw<ConfigurationException>(() =>
            Settle(new TemporalSinkOptions { Redaction = { Pattern = pattern } })).Message.ShouldStartWith("Redaction.Pattern was");
        Should.Throw<ConfigurationException>(() =>
            Settle(new TemporalSinkOptions(), ("LOG_REDACTED_PATTERN", pattern))).Message.ShouldStartWith("LOG_REDACTED_PATTERN was");
    }

    [Fact]
    public void ThePatternOfTheEnvironmentWins() =>
        Settle(new TemporalSinkOptions { Redaction = { Pattern = "of-code" } }, ("LOG_REDACTED_PATTERN", "of-environment"))
            .Redaction.Pattern.ShouldBe("of-environment");

    [Fact]
    public void TheNamesOfTheEnvironmentWin() =>
        Settle(new TemporalSinkOptions { Redaction = { Names = "of code" } }, ("LOG_REDACTED_NAMES", "of environment"))
            .Redaction.Names.ShouldBe("of environment");

    [Fact]
    public void NamesAndPatternOfTheOptionsAreLookedFor()
    {
        var redactor = RedactorOptions.Redactor(
            Settle(new TemporalSinkOptions { Redaction = { Pattern = "ACME-[0-9]+" } },
                ("LOG_REDACTED_NAMES", "iban, employee number")).Redaction);
        redactor.Replacement("v", "ACME-17").ShouldBe("[redacted]");
        redactor.OfName("EmployeeNumber").ShouldBe(LogPipeline.Publisher.Redaction.Secrecy.All);
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.PowerSafe)]
    public async Task NeitherTemporalNorTheSpoolGetsToSeeASecret(Durability durability)
    {
        foreach (var isAway in new[] { false, true })
        {
            var rig = new SinkRig();
            rig.Options.Durability = durability;
            if (isAway) rig.Temporal.Instead = FakeTemporal.Away;
            var sink = rig.Open();
            // What has the template of an earlier event takes another way to the disk.
            for (var i = 0; i < 2; i++)
            {
                sink.Emit(SomeEvent.Of("{User} has {Password} and {Token}", ("User", "bob"), ("Password", "hunter2"),
                    ("Token", "q7ZxK2mVb9")));
                sink.Emit(SomeEvent.Of("{User} ran {Command}", ("User", "bob"), ("Command", "login postgres://app:hunter2@db")));
            }
            sink.Emit(SomeEvent.With(new InvalidOperationException("Server=db;Password=hunter2;")));
            await rig.UntilAsync(sink, stats => isAway ? stats.Spooled == 5 : stats.Accepted == 5);
            if (isAway)
            {
                var onDisk = BytesIn(rig.Disk.Directory("0"));
                onDisk.ShouldContain("bob");
                onDisk.ShouldNotContain("hunter2");
                onDisk.ShouldNotContain("q7ZxK2mVb9");
            }
            rig.Temporal.Instead = null;
            await rig.UntilAsync(sink, stats => stats.Accepted == 5);
            sink.Stats.Redacted.ShouldBe(5);
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

    static string BytesIn(StoreDirectory directory) => string.Concat(directory.List().Select(name =>
    {
        using var file = directory.Open(name, StoreOpen.Read);
        var bytes = new byte[file.Length];
        return System.Text.Encoding.Latin1.GetString(bytes, 0, file.Read(bytes, 0));
    }));
}
