using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Tests.Publisher;

/// <summary>A channel is in the record, in the header, in Temporal's summary and in a folder's name.</summary>
public sealed class SecretChannelTests
{
    const string Token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789";

    [Theory]
    [InlineData(Token, "[redacted]")]
    [InlineData($"web {Token} shop", "web [redacted] shop")]
    [InlineData("postgres://user:hunter2hunter2@db", "postgres://user:[redacted]@db")]
    [InlineData("web-shop", "web-shop")]
    public async Task ASecretThatIsOneIsNowhere(string channel, string shown)
    {
        var rig = new SinkRig();
        var sink = rig.Open();
        sink.Emit(SomeEvent.Of("x", ("channel", channel)));
        await rig.UntilAsync(sink, stats => stats.Accepted == 1);
        await rig.CloseAsync(sink);
        var batch = rig.Temporal.Batches.ShouldHaveSingleItem();
        batch.Header.Channels.Keys.ShouldBe([shown]);
        Encoding.UTF8.GetString(batch.Records).ShouldContain($"\"channel\":\"{shown}\"");
        Encoding.UTF8.GetString(batch.Records).ShouldNotContain(channel == shown ? "[redacted]" : channel);
        sink.Stats.Redacted.ShouldBe(channel == shown ? 0 : 1);
    }

    [Fact]
    public void AHookSeesItAndALongReplacementIsTheMark()
    {
        var seen = new List<(string Name, string Text)>();
        var redactor = new Redactor(RedactionScope.Formats, [], null, (name, text) =>
        {
            seen.Add((name, text));
            return new string('x', 1000);
        });
        var record = Formatter(redactor).Format(SomeEvent.Of("x", ("channel", "payments")));
        seen.ShouldContain(("channel", "payments"));
        record.Channel.ShouldBe("[redacted]");
    }

    [Fact]
    public void WhereNothingIsRedactedItStays() =>
        Formatter(Redactor.Off).Format(SomeEvent.Of("x", ("channel", Token))).Channel.ShouldBe(Token);

    static RecordFormatter Formatter(Redactor redactor) =>
        new(new CaptureContext(new TemporalSinkOptions { Source = "orders" }, redactor), "one");
}
