using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Spool;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

public sealed class RecordFrameTests
{
    [Fact]
    public void ARecordIsReadAsItWasWritten()
    {
        var line = """{"seq":}"""u8.ToArray();
        var record = new CapturedRecord(line, line.Length - 1, Some.Instant, LogEventLevel.Fatal, "zahlungen-ü");
        var frame = new byte[RecordFrame.LengthOf(record, 12)];
        RecordFrame.Write(frame, 1, record, 12);
        RecordFrame.TryRead(frame.AsMemory(FrameScanner.HeaderSize), out var read).ShouldBeTrue();
        (read.Sequence, read.Time, read.Level, read.IsPacked).ShouldBe((12, Some.Instant, LogEventLevel.Fatal, false));
        read.Channel.ToArray().ShouldBe("zahlungen-ü"u8.ToArray());
        read.Content.ToArray().ShouldBe("""{"seq":12}"""u8.ToArray());
    }
}
