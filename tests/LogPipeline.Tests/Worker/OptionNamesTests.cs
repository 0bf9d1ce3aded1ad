using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Worker;

public sealed class OptionNamesTests
{
    static readonly string[] Known =
        ["directory", "files.openFilesMax", "files.format", "http.ip", "http.port", "codec.ip", "retention.files"];

    [Theory]
    [InlineData("direktory", "directory")]
    [InlineData("DIRECTORIES", "directory")]
    [InlineData("dir", "directory")]
    [InlineData("openFilesMax", "files.openFilesMax")]
    [InlineData("retention.openFilesMax", "files.openFilesMax")]
    [InlineData("fils.openFileMax", "files.openFilesMax")]
    [InlineData("http.pot", "http.port")]
    [InlineData("htp.ip", "http.ip")]
    [InlineData("codex.ip", "codec.ip")]
    public void AskedForIsTheNameThatIsNear(string given, string meant) =>
        OptionNames.Unknown("FILE: ", given, Known).ShouldBe($"FILE: {given} is not an option; did you mean {meant}?");

    [Theory]
    [InlineData("colour")]
    [InlineData("di")]
    [InlineData("files.colour")]
    [InlineData("http.xy")]
    [InlineData("aVeryLongGroupOfNothing.xy")]
    public void WhereNoNameIsNearNoneIsAskedFor(string given) =>
        OptionNames.Unknown("FILE: ", given, Known, help: "; see the list").ShouldBe($"FILE: {given} is not an option; see the list.");

    [Theory]
    [InlineData("files")]
    [InlineData("HTTP")]
    public void AGroupIsNamedAsOne(string given) =>
        OptionNames.Unknown("", given, Known).ShouldBe($"{given} is a group of options; name options in it.");

    [Fact]
    public void TheNameIsWrittenAsItWasGiven()
    {
        OptionNames.Unknown("", "Limits:DepthMx", ["Limits.DepthMax"], ':').ShouldEndWith("did you mean Limits:DepthMax?");
        OptionNames.Unknown("", "limits:depthMx", ["Limits.DepthMax"], ':').ShouldEndWith("did you mean limits:depthMax?");
    }
}
