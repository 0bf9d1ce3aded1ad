using LogPipeline.Worker.Channels;




namespace LogPipeline.Tests.Worker;

public sealed class ChannelNameTests
{
    [Theory]
    [InlineData("app")]
    [InlineData("web-shop")]
    [InlineData("a")]
    [InlineData("2026")]
    public void APlainNameStaysAsItIs(string channel) => ChannelName.Of(channel).ToString().ShouldBe(channel);

    [Theory]
    [InlineData("App", "app--")]
    [InlineData("../../etc/cron.d/x", "etc-cron-d-x--")]
    [InlineData("/etc/passwd", "etc-passwd--")]
    [InlineData("..%2f", "2f--")]
    [InlineData("con", "con--")]
    [InlineData("com1", "com1--")]
    [InlineData("overflow", "overflow--")]
    [InlineData("owner", "owner--")]
    [InlineData("dead-letters", "dead-letters--")]
    [InlineData("a--b", "a-b--")]
    [InlineData("-", "channel--")]
    [InlineData(".", "channel--")]
    [InlineData("", "channel--")]
    [InlineData("日本", "channel--")]
    [InlineData("trailing.", "trailing--")]
    [InlineData("nul\0byte", "nul-byte--")]
    public void AnyOtherTextIsEncoded(string channel, string begin)
    {
        var name = ChannelName.Of(channel).ToString();
        name.ShouldStartWith(begin);
        name.Length.ShouldBe(begin.Length + 32);
    }

    [Fact]
    public void TheCanarysChannelHasADirectoryThatNoOtherOneHas()
    {
        ChannelName.Of(".canary").ShouldBe(ChannelName.Canary);
        ChannelName.TryParse(".canary", out var read).ShouldBeTrue();
        read.ShouldBe(ChannelName.Canary);
        foreach (var other in (string[])["canary", ".Canary", ".canary "]) ChannelName.Of(other).ShouldNotBe(ChannelName.Canary);
    }

    [Fact]
    public void AnEncodedNameGivenAsAChannelIsAnotherChannel()
    {
        var encoded = ChannelName.Of("App");
        ChannelName.Of(encoded.ToString()).ShouldNotBe(encoded);
    }

    [Fact]
    public void AThousandHostileNamesGetAThousandHarmlessDirectories()
    {
        var random = new Random(20261121);
        string[] pieces = ["..", "/", "\\", "\0", "CON", "con", "NUL.txt", ".", " ", "é", "É", "\u202e", "\ud800", "\udc00", "😀", "a", "A",
            "app", "-", "--", "%2f", "\n", "\r", "~", ":", "\u001b[2J", "x"];
        var channels =
            new HashSet<string>(StringComparer.Ordinal) { new('a', 4096), new('a', 4097), new('A', 64), new('a', 64), new('a', 65) };
        while (channels.Count < 1000)
        {
            var text = new StringBuilder();
            for (var i = random.Next(1, 12); i > 0; i--) text.Append(pieces[random.Next(pieces.Length)]);
            channels.Add(text.ToString());
        }
        var names = channels.Select(channel => ChannelName.Of(channel)).ToList();
        names.Select(name => name.ToString()).Distinct(StringComparer.OrdinalIgnoreCase).Count().ShouldBe(1000);
        foreach (var name in names)
        {
            name.ToString().ShouldMatch("^[a-z0-9]([a-z0-9-]{0,72}[a-z0-9])?$");
            ChannelName.TryParse(name.ToString(), out var parsed).ShouldBeTrue();
            parsed.ShouldBe(name);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".ledger")]
    [InlineData("..")]
    [InlineData("App")]
    [InlineData("a--b")]
    [InlineData("con")]
    [InlineData("lost+found")]
    public void ADirectoryThatNoChannelHasIsNotParsed(string directory) => ChannelName.TryParse(directory, out _).ShouldBeFalse();
}
