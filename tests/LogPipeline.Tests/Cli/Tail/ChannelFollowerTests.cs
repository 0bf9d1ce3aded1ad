using System.Text;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Cli.Tail;

namespace LogPipeline.Tests.Cli.Tail;

/// <summary>What is added to a channel is shown once, whichever file it goes to.</summary>
public sealed class ChannelFollowerTests : IDisposable
{
    static readonly ChannelName App = ChannelName.Of("app");

    readonly LogFolder _logs = new();
    ChannelFollower? _follower;

    public void Dispose()
    {
        _follower?.Dispose();
        _logs.Dispose();
    }

    void Follow()
    {
        var (query, notices) = (new TailQuery(null, null, null), new TailNotices(TextWriter.Null));
        var there = new ChannelRecords(_logs.Root, App, query, notices, default);
        _follower = new ChannelFollower(_logs.Root, App, there.End, query, notices, new TestClock(), default);
    }

    string Read() => string.Join(' ', _follower!.Read().Select(record => Encoding.UTF8.GetString(record.Lines)));

    [Fact]
    public void WhatIsAddedIsReadOnce()
    {
        _logs.Append("app/2026-11-21.001.clef", "before");
        Follow();
        Read().ShouldBe("");
        _logs.Append("app/2026-11-21.001.clef", "one", "two");
        Read().ShouldBe("one two");
        Read().ShouldBe("");
    }

    [Fact]
    public void ALineIsReadWhenItIsWhole()
    {
        _logs.AppendText("app/2026-11-21.001.clef", "hal");
        Follow();
        Read().ShouldBe("");
        _logs.AppendText("app/2026-11-21.001.clef", "f");
        Read().ShouldBe("");
        _logs.AppendText("app/2026-11-21.001.clef", "\nnext");
        Read().ShouldBe("half");
    }

    [Fact]
    public void ItGoesOnWithTheNextNumberTheNextDayAndAnotherFormat()
    {
        _logs.Append("app/2026-11-21.001.clef", "before");
        Follow();
        _logs.Append("app/2026-11-21.001.clef", "one");
        _logs.Append("app/2026-11-21.002.clef", "two");
        _logs.Append("app/2026-11-22.001.json", "three");
        Read().ShouldBe("one two three");
        _logs.Append("app/2026-11-22.002.log", "four");
        Read().ShouldBe("four");
    }

    [Fact]
    public void AFileThatWasCompressedMeanwhileIsReadToItsEnd()
    {
        _logs.Append("app/2026-11-21.001.clef", "before");
        Follow();
        _logs.Append("app/2026-11-21.001.clef", "one");
        _logs.Compress("app/2026-11-21.001.clef");
        _logs.Append("app/2026-11-22.001.clef", "two");
        Read().ShouldBe("one two");
    }

    [Fact]
    public void WhereTheFileWasRemovedItGoesOnWithTheNext()
    {
        _logs.Append("app/2026-11-21.001.clef", "before");
        Follow();
        File.Delete(Path.Combine(_logs.Path, "app/2026-11-21.001.clef"));
        Read().ShouldBe("");
        _logs.Append("app/2026-11-21.002.clef", "next");
        Read().ShouldBe("next");
    }

    [SkippableFact]
    public void AFileThatWasBegunAnewIsReadFromItsBeginning()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux tells files apart here.");
        _logs.Append("app/2026-11-21.001.clef", "before");
        Follow();
        Read().ShouldBe("");
        File.Delete(Path.Combine(_logs.Path, "app/2026-11-21.001.clef"));
        _logs.Append("app/2026-11-21.001.clef", "anew");
        Read().ShouldBe("anew");
    }

    [Fact]
    public void AChannelThatIsNotThereYetIsReadFromItsBeginning()
    {
        Follow();
        Read().ShouldBe("");
        Directory.Exists(Path.Combine(_logs.Path, "app")).ShouldBeFalse("Who looks makes no directories.");
        _logs.Append("app/2026-11-21.001.clef", "one");
        Read().ShouldBe("one");
    }
}
