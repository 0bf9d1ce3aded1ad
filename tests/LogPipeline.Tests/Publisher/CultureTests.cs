using System.Globalization;
using System.Text.Json;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// Records do not depend on the culture of the thread that logs. The tests run without the cultures of a system, so
/// this one is made here, and is odder than any of them.
/// </summary>
public sealed class CultureTests : IDisposable
{
    static readonly (string Name, object Value)[] Values =
    [
        ("Int", -1_234_567), ("Long", -9_007_199_254_740_993L), ("Short", (short)-12), ("SByte", (sbyte)-1),
        ("Byte", (byte)7),
        ("UInt", 4_000_000_000u), ("ULong", 18_000_000_000_000_000_000ul), ("UShort", (ushort)60_000),
        ("Double", -1234.5), ("Small", 1.5e-300), ("Float", -0.25f), ("Decimal", -1_234_567.8900m),
        ("NaN", double.NaN), ("Infinite", double.NegativeInfinity), ("Half", (Half)(-1.5)), ("Big", Int128.MinValue),
        ("Date", new DateTime(2026, 11, 30, 22, 58, 59, 123, DateTimeKind.Utc)), ("Day", new DateOnly(2026, 11, 30)),
        ("Offset", new DateTimeOffset(2026, 11, 30, 22, 58, 59, TimeSpan.FromHours(-3.5))),
        ("Time", new TimeOnly(22, 58, 59, 7)), ("Span", TimeSpan.FromSeconds(-93_784.25)),
        ("Id", new Guid("3156c58b-0000-4000-8000-000000000001")),
        ("Long text of digits", -1.5e300),
        ("Value of others", new OfOthers()), ("Price", 6.4m),
        ("Share", 0.125), ("Level", LogEventLevel.Warning), ("Truth", true),
    ];

    readonly CultureInfo _before = CultureInfo.CurrentCulture;

    public static TheoryData<string> Names => [.. Values.Select(value => value.Name)];

    public void Dispose() => CultureInfo.CurrentCulture = _before;

    [Theory]
    [MemberData(nameof(Names))]
    public void AValueIsRecordedTheSameInEachCulture(string name)
    {
        var value = Values.Single(value => value.Name == name).Value;
        string[] templates =
            ["{V}", "{V:l}", "{V:0.00}", "{V,12:N1} {V:P0}", "{V:G}", "{V:D}", "{V:O}", "{V:g} {V:c}"];
        foreach (var template in templates)
        {
            var known = Record(template, value, CultureInfo.InvariantCulture);
            using var json = JsonDocument.Parse(known);
            Record(template, value, Odd).ShouldBe(known);
        }
    }

    /// <summary>Where a number does not fit into the memory that there is.</summary>
    [Fact]
    public void SoIsAMessageThatOutgrowsItsMemory()
    {
        var template = string.Concat(Enumerable.Repeat("{V:0.00}", 120));
        Record(template, -1.5e300, Odd).ShouldBe(Record(template, -1.5e300, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void SoIsATokenThatOthersWrote()
    {
        var template = new MessageTemplate("t", [new TextToken("a "), new TokenOfOthers()]);
        var logEvent = new LogEvent(TestSupport.Some.Instant, LogEventLevel.Information, null, template, []);
        CultureInfo.CurrentCulture = Odd;
        var record = SomeFormatter.Of(new TemporalSinkOptions { Source = "shop" }, "i1").Format(logEvent).Complete(1);
        using var json = JsonDocument.Parse(record);
        json.RootElement.GetProperty("@m").GetString().ShouldBe("a -1.5 -1.5");
    }

    /// <summary>By which repetitions are known.</summary>
    [Fact]
    public void SoIsAMessageAlone()
    {
        CultureInfo.CurrentCulture = Odd;
        MessageText.Render(SomeEvent.Of("{V} {V:0.00}", ("V", -1.5)), 100).ShouldBe("-1.5 -1.50");
    }

    /// <summary>A record that waits packed is rendered later, on a thread of the sink's.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public async Task SoIsOneThatWaitsInASpool(string name)
    {
        var value = Values.Single(value => value.Name == name).Value;
        CultureInfo.CurrentCulture = Odd;
        var rig = new SinkRig();
        rig.Options.Durability = Durability.ProcessSafe;
        var sink = rig.Open();
        sink.Emit(SomeEvent.Of("{V} {V:0.00}", ("V", value)));
        await rig.UntilAsync(sink, stats => stats.Accepted == 1);
        await rig.CloseAsync(sink);
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        using var known = JsonDocument.Parse(Record("{V} {V:0.00}", value, CultureInfo.InvariantCulture));
        var sent = rig.Temporal.Records.ShouldHaveSingleItem();
        foreach (var field in (string[])["@m", "V"])
            sent.GetProperty(field).GetRawText().ShouldBe(known.RootElement.GetProperty(field).GetRawText());
    }

    static string Record(string template, object value, CultureInfo culture)
    {
        CultureInfo.CurrentCulture = culture;
        // A formatter of its own, so that nothing of it was rendered before.
        var formatter = SomeFormatter.Of(new TemporalSinkOptions { Source = "shop" }, "i1");
        var element = value as LogEventPropertyValue ?? new ScalarValue(value);
        var logEvent = SomeEvent.Of(template, ("V", value), ("List", new SequenceValue([element])));
        return Encoding.UTF8.GetString(formatter.Format(logEvent).Complete(1_234));
    }

    /// <summary>Code of others, which writes by the writer's format and by the one that it is given.</summary>
    static void WriteAsOthersDo(TextWriter output, IFormatProvider? provider)
    {
        output.Write(-1.5);
        output.Write(' ');
        output.Write((-1.5).ToString(provider));
    }

    sealed class OfOthers : LogEventPropertyValue
    {
        public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null) =>
            WriteAsOthersDo(output, formatProvider);
    }

    sealed class TokenOfOthers : MessageTemplateToken
    {
        public override int Length => 1;

        public override void Render(IReadOnlyDictionary<string, LogEventPropertyValue> properties, TextWriter output,
            IFormatProvider? formatProvider = null) => WriteAsOthersDo(output, formatProvider);
    }

    static CultureInfo Odd
    {
        get
        {
            var odd = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            odd.NumberFormat = new NumberFormatInfo
            {
                NegativeSign = "minus", PositiveSign = "plus", NumberDecimalSeparator = ",", NumberGroupSeparator = ".",
                PercentDecimalSeparator = ",", PercentSymbol = "percent", CurrencyDecimalSeparator = ",",
                CurrencySymbol = "EUR", NaNSymbol = "none", NegativeInfinitySymbol = "least", NumberGroupSizes = [2],
            };
            odd.DateTimeFormat = new DateTimeFormatInfo
            {
                DateSeparator = ".", TimeSeparator = "h", ShortDatePattern = "d/M/yy", LongTimePattern = "h,m,s",
            };
            return odd;
        }
    }
}
