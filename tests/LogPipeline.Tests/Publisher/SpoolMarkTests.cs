using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Cli.Send;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

public sealed class SpoolMarkTests
{
    static readonly RecordFormatter Formatter = new(new CaptureContext(new TemporalSinkOptions { Source = "s" }), "i");

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(long.MaxValue, true)]
    public void AMarkLiesBesideTheRecordAndIsNoPartOfIt(long mark, bool isPacked)
    {
        var record = isPacked
            ? new CapturedRecord(new byte[64])
            : Formatter.Format(EventMaker.OfText("a line", LogEventLevel.Information, Some.Instant));
        if (isPacked) record.SetPacked(7, Some.Instant, LogEventLevel.Warning, "app", "app"u8.ToArray());
        record.Mark = mark;
        var frame = new byte[RecordFrame.LengthOf(record, 12)];
        RecordFrame.Write(frame, 0xFFFF, record, 12);
        RecordFrame.TryRead(frame.AsMemory(LogPipeline.DurableFiles.FrameScanner.HeaderSize), out var read).ShouldBeTrue();
        read.Mark.ShouldBe(mark);
        read.IsPacked.ShouldBe(isPacked);
        Encoding.UTF8.GetString(read.Channel.Span).ShouldBe("app");
        read.Content.ToArray().ShouldBe(record.Complete(12));
    }
}
