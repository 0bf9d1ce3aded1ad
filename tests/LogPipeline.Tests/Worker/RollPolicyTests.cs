using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;




namespace LogPipeline.Tests.Worker;

public sealed class RollPolicyTests
{
    static readonly ChannelName App = ChannelName.Of("app");
    static readonly DateOnly Today = new(2026, 11, 21);

    static LogFileName File(int number, int days = 0) => new(App, Today.AddDays(days), number);

    [Fact]
    public void AChannelWithoutFilesBegins() => RollPolicy.Choose(App, null, null, 10, Today, 100, 0).ShouldBe(File(1));

    [Theory]
    [InlineData(0, 500, 1)]
    [InlineData(90, 10, 1)]
    [InlineData(91, 10, 2)]
    public void AFileIsNotTakenBeyondItsBoundUnlessItIsEmpty(long length, long adding, int number) =>
        RollPolicy.Choose(App, File(1), length, adding, Today, 100, 1).ShouldBe(File(number));

    [Fact]
    public void ANewDayBeginsANewFile() => RollPolicy.Choose(App, File(7, -1), 1, 1, Today, 100, 0).ShouldBe(File(1));

    [Fact]
    public void ADayThatWasBegunIsContinuedWithTheNextNumber() =>
        RollPolicy.Choose(App, File(7, -1), 1, 1, Today, 100, 3).ShouldBe(File(4));

    [Fact]
    public void AFileThatIsNotWhatWeWroteIsLeftAlone() => RollPolicy.Choose(App, File(7), null, 1, Today, 100, 7).ShouldBe(File(8));

    [Fact]
    public void AClockThatIsSetBackALittleStaysInTheNewerFile() =>
        RollPolicy.Choose(App, File(1, 1), 1, 1, Today, 100, 5).ShouldBe(File(1, 1));

    [Fact]
    public void AClockThatWasYearsAheadReturnsToItsOwnDays() =>
        RollPolicy.Choose(App, File(1, 3650), 1, 1, Today, 100, 5).ShouldBe(File(6));
}
