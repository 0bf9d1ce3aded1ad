using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Redaction;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

/// <summary>What is rendered later, and that nobody can tell.</summary>
public sealed class DeferralTests
{
    static readonly TemporalSinkOptions Options = new()
    {
        Source = "s",
        Limits = { QueueCountMax = 1_000, QueueBytesMax = 10_000_000 },
        Timeouts = { BackPressure = TimeSpan.Zero },
    };

    readonly RecordFormatter _formatter =
        new(new CaptureContext(new TemporalSinkOptions { Source = "s", Durability = Durability.Memory }), "i");
    readonly Books _books = new();

    EventQueue Queue(TemporalSinkOptions? limits = null) => new(limits ?? Options, "i", _books, TimeProvider.System);

    public static TheoryData<object?> Fixed() =>
        new(null, 1, 2L, "text", true, 'c', 1.5m, double.NaN, DateTime.MinValue, DateTimeOffset.MinValue, TimeSpan.Zero, Guid.Empty,
            DayOfWeek.Friday,
        new SequenceValue([new ScalarValue(1), new StructureValue([new("A", new ScalarValue("b"))])]));

    [Theory]
    [MemberData(nameof(Fixed))]
    public void AnEventOfPlainValuesIsRenderedLaterAndReadsTheSame(object? value)
    {
        var logEvent = SomeEvent.Of("{V} of {W}", ("V", value), ("W", 1), ("channel", "payments"));
        var record = _formatter.Capture(logEvent);
        record.IsRendered.ShouldBeFalse();
        record.Render();
        record.Complete(7).ShouldBe(_formatter.Format(logEvent).Complete(7));
        record.Channel.ShouldBe("payments");
    }

    [Fact]
    public void WhatCanChangeAndWhatIsCodeOfOthersIsRenderedByTheThreadThatLogs()
    {
        var thread = 0;
        var foreign = new Custom(() => thread = Environment.CurrentManagedThreadId);
        _formatter.Capture(SomeEvent.Of("{V}", ("V", foreign))).IsRendered.ShouldBeTrue();
        thread.ShouldBe(Environment.CurrentManagedThreadId);
        _formatter.Capture(SomeEvent.Of("{V}", ("V", new SequenceValue([foreign])))).IsRendered.ShouldBeTrue();
        _formatter.Capture(SomeEvent.Of("{V}", ("V", new ScalarValue(new System.Text.StringBuilder("x"))))).IsRendered.ShouldBeTrue();
        _formatter.Capture(SomeEvent.With(new InvalidOperationException())).IsRendered.ShouldBeTrue();
        LogEventPropertyValue deep = new ScalarValue(1);
        for (var i = 0; i < 100_000; i++) deep = new SequenceValue([deep]);
        _formatter.Capture(SomeEvent.Of("{V}", ("V", deep))).IsRendered.ShouldBeTrue();
    }

    [Fact]
    public void AHookRunsOnTheThreadThatLogs() =>
        new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "s", Durability = Durability.Memory },
            new Redactor(LogPipeline.Publisher.RedactionScope.All, [], null, (_, text) => text)), "i")
            .Capture(SomeEvent.Of("x")).IsRendered.ShouldBeTrue();

    [Fact]
    public void BatchesOfRecordsRenderedLaterKeepOrderNumbersAndTheBoundOfBytes()
    {
        var queue = Queue();
        // Three bytes each in UTF-8, six when escaped: the estimate is far below what they take.
        for (var i = 0; i < 300; i++)
            queue.TryEnqueue(_formatter.Capture(SomeEvent.Of("{N} {Text}", ("N", i), ("Text", new string('\u2028', 100)))), urgent: false,
                out _).ShouldBeTrue();
        var sequence = 0L;
        while (queue.GetSnapshot().Count > 0)
        {
            var taken = queue.Take(100, 20_000);
            foreach (var record in taken)
            {
                record.Sequence.ShouldBe(++sequence);
                var line = StrictJson.ReadLine(record.Record.Complete(record.Sequence));
                line["N"].ShouldBe(new StrictJson.Number($"{sequence - 1}"));
            }
            BatchBuilder.Build(taken, "s", "i", null).Records.Length.ShouldBeLessThanOrEqualTo(20_000);
        }
        sequence.ShouldBe(300);
        queue.GetSnapshot().Bytes.ShouldBe(0);
        _books.GetSnapshot().Balances.ShouldBeTrue();
    }

    [Fact]
    public void RenderingIsLeftToTheThreadsThatLogWhileTheLoopIsBehind()
    {
        var queue = Queue(Options with { Limits = Options.Limits with { QueueCountMax = 400 } });
        for (var i = 0; i < 99; i++) queue.TryEnqueue(_formatter.Capture(SomeEvent.Of("x")), urgent: false, out _);
        queue.IsBehind.ShouldBeFalse();
        queue.TryEnqueue(_formatter.Capture(SomeEvent.Of("x")), urgent: false, out _);
        queue.IsBehind.ShouldBeTrue();
        queue.RenderWaiting();
        queue.IsBehind.ShouldBeFalse();
        queue.GetSnapshot().Count.ShouldBe(100);
    }

    sealed class Custom(Action rendered) : LogEventPropertyValue
    {
        public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null) => rendered();
    }
}
