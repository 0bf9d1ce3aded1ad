using System.Diagnostics;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Redaction;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;
using LogPipeline.Workflows.Codecs;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

/// <summary>An event that waits in the spool as it is becomes the line that it would have become at once.</summary>
public sealed class PackedEventTests
{
    static readonly RecordFormatter Formatter = new(new CaptureContext(new TemporalSinkOptions { Source = "s" }, Redacting()), "i");

    static Redactor Redacting(Func<string, string, string?>? hook = null, Regex? pattern = null) =>
        new(RedactionScope.All, [], pattern, hook);

    public static TheoryData<object?> PlainValues() => new(
        null, "text", "", "\ud83d\ude00 \ud800 \u2028 \"\\", true, false, int.MinValue, long.MaxValue, 1.5, double.NaN, -0.0,
        double.Epsilon, decimal.MinValue, 1.50m, uint.MaxValue, ulong.MaxValue,
        short.MinValue, ushort.MaxValue, byte.MaxValue, sbyte.MinValue, float.MaxValue, 'c', '\ud800', DateTime.MaxValue,
        new DateTime(1, DateTimeKind.Utc),
        DateTimeOffset.MinValue, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromMinutes(-345)), TimeSpan.MinValue,
        Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), DateOnly.MaxValue, TimeOnly.MaxValue);

    [Theory]
    [MemberData(nameof(PlainValues))]
    public void APlainValueIsPackedAndReadsTheSame(object? value)
    {
        var logEvent = SomeEvent.Of(LogEventLevel.Warning, "{V} of {V,30} {V:000} {Missing}", ("V", value), ("level", 1), ("@x", value));
        ThroughTheSpool(Formatter, logEvent).ShouldBe(Line(Formatter, logEvent));
    }

    [Fact]
    public void ItsChannelItsLevelAndItsTraceAreKept()
    {
        foreach (var level in Enum.GetValues<LogEventLevel>())
        {
            var logEvent =
                new LogEvent(Some.Instant.ToOffset(TimeSpan.FromHours(3)), level, null, new MessageTemplateParser().Parse("paid {Amount}"),
                [new LogEventProperty("channel", new ScalarValue("payments")), new LogEventProperty("Amount", new ScalarValue(7))],
                ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());
            ThroughTheSpool(Formatter, logEvent).ShouldBe(Line(Formatter, logEvent));
        }
    }

    [Fact]
    public void WhateverScalarsItHoldsTheLineIsTheSame()
    {
        var values = Gen.OneOf(
            ArbMap.Default.GeneratorFor<string>().Select(s => (object?)s), ArbMap.Default.GeneratorFor<long>()
                .Select(n => (object?)n), ArbMap.Default.GeneratorFor<double>().Select(n => (object?)n),
            ArbMap.Default.GeneratorFor<decimal>().Select(n => (object?)n), ArbMap.Default.GeneratorFor<DateTimeOffset>()
                .Select(n => (object?)n), ArbMap.Default.GeneratorFor<Guid>().Select(n => (object?)n),
            Gen.Choose(0, 0xffff).ListOf(40).Select(units => (object?)string.Concat(units.Select(u => (char)u))),
            Gen.Elements<object?>("password=hunter22", "4111 1111 1111 1111", DayOfWeek.Friday, new Uri("http://x"), 4111111111111111L));
        var names = Gen.Elements("X", "Y", "0", "level", "channel", "Channel", "password", "@m", "\ud800", "a b", "seq_",
            new string('n', 300), "\u2028");
        var texts = Gen.Elements("{X} and {Y}", "{X:D9}{Y,12}", "plain", "{{X}} {0}", "token={X}", "{X", new string('t', 2_000) + "{X}",
            "{@X} {$Y}", "");
        var packed = 0;
        Prop.ForAll(names.SelectMany(_ => values, (name, value) => (name, value)).ListOf(4)
            .SelectMany(_ => texts, (properties, text) => (text, properties)).ToArbitrary(), made =>
        {
            var logEvent =
                SomeEvent.Of(made.text, [.. made.properties.DistinctBy(p => p.name).Where(p => LogEventProperty.IsValidName(p.name))]);
            if (TryThroughTheSpool(Formatter, logEvent) is not { } line) return;
            packed++;
            line.ShouldBe(Line(Formatter, logEvent));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
        packed.ShouldBeGreaterThan(300);
    }

    [Theory]
    [InlineData("password", "hunter22")]
    [InlineData("V", "password=hunter22")]
    [InlineData("V", "4111 1111 1111 1111")]
    [InlineData("V", 4111111111111111L)]
    [InlineData("V", "mine alone")]
    public void ASecretIsReplacedBeforeTheSpoolAndNotBehindIt(string name, object value)
    {
        var formatter = new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "s" },
            Redacting(pattern: new Regex("mine alone", RegexOptions.NonBacktracking))), "i");
        TryThroughTheSpool(formatter, SomeEvent.Of("a value", (name, value))).ShouldBeNull();
        TryThroughTheSpool(formatter, SomeEvent.Of("a value", ("plain", "none"))).ShouldNotBeNull();
    }

    [Fact]
    public void ASecretThatTheTemplateMakesOneIsReplacedBeforeTheSpool()
    {
        TryThroughTheSpool(Formatter, SomeEvent.Of("login with password={Value}", ("Value", "hunter22"))).ShouldBeNull();
        TryThroughTheSpool(Formatter, SomeEvent.Of("login with password=hunter22 of {Value}", ("Value", "x"))).ShouldBeNull();
    }

    [Fact]
    public void WhatTheApplicationsCodeRendersIsRenderedByItsThread()
    {
        var exception = SomeEvent.With(new InvalidOperationException());
        TryThroughTheSpool(Formatter, exception).ShouldBeNull();
        foreach (var value in new object[] { new StringBuilder("x"), DayOfWeek.Friday, new SequenceValue([]), DateTime.Now,
            new string('x', new TemporalSinkOptions().Limits.StringLengthMax + 1) })
            TryThroughTheSpool(Formatter, SomeEvent.Of("{V}", ("V", value))).ShouldBeNull($"{value.GetType()}");
        var hooked =
            new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "s" }, Redacting(hook: (_, text) => text)), "i");
        TryThroughTheSpool(hooked, SomeEvent.Of("x")).ShouldBeNull();
    }

    [Fact]
    public void ATemplateThatIsSeenOnceIsNotPacked()
    {
        var logEvent = SomeEvent.Of("once {V}", ("V", 1));
        var packer = new EventPacker(Formatter.Context);
        packer.TryPack(logEvent).ShouldBeNull();
        packer.TryPack(logEvent).ShouldNotBeNull();
    }

    [Fact]
    public void WhatIsNoPackedEventIsReadAsNone()
    {
        var packed = Pack(Formatter, SomeEvent.Of("{A} {B}", ("A", "text"), ("B", 1.5m), ("C", DateTimeOffset.MaxValue)))!;
        var bytes = new byte[packed.LengthWith(1)];
        packed.CompleteInto(bytes, 1);
        var reader = new PackedEventReader();
        for (var length = 0; length < bytes.Length; length++)
            reader.Read(bytes.AsSpan(0, length), Some.Instant, LogEventLevel.Information).ShouldBeNull();
        for (var bit = 0; bit < 8 * bytes.Length; bit++)
        {
            var hit = bytes.ToArray();
            hit[bit / 8] ^= (byte)(1 << (bit % 8));
            Should.NotThrow(() => reader.Read(hit, Some.Instant, LogEventLevel.Information));
        }
    }

    static string Line(RecordFormatter formatter, LogEvent logEvent) => Encoding.UTF8.GetString(formatter.Format(logEvent).Complete(7));

    static string ThroughTheSpool(RecordFormatter formatter, LogEvent logEvent) =>
        TryThroughTheSpool(formatter, logEvent).ShouldNotBeNull();

    static string? TryThroughTheSpool(RecordFormatter formatter, LogEvent logEvent)
    {
        if (Pack(formatter, logEvent) is not { } packed) return null;
        var frame = new byte[RecordFrame.LengthOf(packed, 7)];
        RecordFrame.Write(frame, 1, packed, 7);
        RecordFrame.TryRead(frame.AsMemory(LogPipeline.DurableFiles.FrameScanner.HeaderSize), out var record).ShouldBeTrue();
        record.Level.ShouldBe(logEvent.Level);
        var lines = new SpooledLines(formatter, new SpoolCipher(KeyRing.Empty, JournalRig.Name));
        return Encoding.UTF8.GetString(lines.Of(record, isRepeat: false).ShouldNotBeNull().Line);
    }

    static CapturedRecord? Pack(RecordFormatter formatter, LogEvent logEvent)
    {
        var packer = new EventPacker(formatter.Context);
        packer.TryPack(logEvent);
        return packer.TryPack(logEvent);
    }
}
