using LogPipeline.Worker.Cli.Send.Follow;

namespace LogPipeline.Tests.Cli.Send;

public sealed class RotationTests
{
    static readonly DateTimeOffset Then = TestSupport.Some.Instant;

    [Theory]
    [InlineData("app.log.1", true)]
    [InlineData("app.log-20261130", true)]
    [InlineData("app.log-20261130.2", true)]
    [InlineData("app.log.2026-11-30", true)]
    [InlineData("app.1.log", true)]
    [InlineData("app-2026-11-30.log", true)]
    [InlineData("app.log", false)]
    [InlineData("app.log.1.gz", false)]
    [InlineData("app.log.bak", false)]
    [InlineData("app.logger", false)]
    [InlineData("app2.log", false)]
    [InlineData("apple.1.log", false)]
    [InlineData("other.log.1", false)]
    public void NamesThatRotationGivesAreKnown(string other, bool isRotated) =>
        Rotation.IsRotated("app.log", other).ShouldBe(isRotated);

    [Theory]
    [InlineData("app.log.1 app.log.10 app.log.2", "app.log.10 app.log.2 app.log.1")]
    [InlineData("app.log-20261130 app.log-20261128 app.log-20261129", "app.log-20261128 app.log-20261129 app.log-20261130")]
    public void TheOldestComesFirst(string names, string ordered) =>
        string.Join(' ', Rotation.Ordered("app.log", names.Split(' ').Select(name => new RotatedFile("/logs/" + name, null, Then)))
            .Select(file => file.Name)).ShouldBe(ordered);

    [Fact]
    public void WithoutNumbersTheLastWriteTells() =>
        Rotation.Ordered("app.log", [new("/a/app.log-b2", null, Then.AddSeconds(1)), new("/a/app.log-c1", null, Then)])
            .Select(file => file.Name).ShouldBe(["app.log-c1", "app.log-b2"]);

    [Theory]
    [InlineData(100, 7, false, 100, 7)]
    [InlineData(100, 5, false, 100, 7)]
    [InlineData(100, 27, false, 120, 27)]
    [InlineData(100, 27, true, 100, 27)]
    public void TheMarksOfTheSpoolMoveThePlaceUnlessSomeAreDamaged(long offset, long last, bool isDamaged, long newOffset, long newMark)
    {
        var place = new FilePlace(null, FileHead.None, offset, 7, Then).With(last, isDamaged);
        (place.Offset, place.Mark).ShouldBe((newOffset, newMark));
    }
}
