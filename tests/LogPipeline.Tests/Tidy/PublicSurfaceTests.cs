namespace LogPipeline.Tests.Tidy;

/// <summary>
/// What the libraries show to their users; the analyzer of public interfaces sees to it that their PublicAPI files tell all of it.
/// </summary>
public sealed class PublicSurfaceTests
{
    [Theory]
    [InlineData("DurableFiles")]
    [InlineData("Workflows")]
    [InlineData("LogPublisher")]
    [InlineData("LogPublisher.Hosting")]
    [InlineData("LogPublisher.AspNetCore")]
    public void NoGeneratedMessageTypeIsOnThePublicSurface(string library)
    {
        var shown = new[] { "Shipped", "Unshipped" }.SelectMany(kind =>
            File.ReadLines(Repository.PathOf("src", library, $"PublicAPI.{kind}.txt"))).ToList();
        shown.Count.ShouldBeGreaterThan(2);
        shown.ShouldNotContain(line =>
            line.Contains("Temporalio.Api", StringComparison.Ordinal) || line.Contains("Google.Protobuf", StringComparison.Ordinal));
    }
}
