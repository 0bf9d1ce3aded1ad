using LogPipeline.Publisher;
using System.Diagnostics;
using LogPipeline.Publisher.Capture;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// Values, templates and exceptions made to hurt: each costs a bounded time and little memory, and its neighbours are whole.
/// </summary>
public sealed class HostileValueTests
{
    readonly RecordFormatter _formatter = new(new CaptureContext(new TemporalSinkOptions { Source = "orders" }), "one");

    Dictionary<string, object?> Read(LogEvent logEvent)
    {
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        var line = _formatter.Format(logEvent).Complete(1);
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
        (GC.GetAllocatedBytesForCurrentThread() - bytes).ShouldBeLessThan(50_000_000);
        return StrictJson.ReadLine(line);
    }

    Dictionary<string, object?> ReadValue(object? value, string template = "{V} {Good}")
    {
        var record = Read(SomeEvent.Of(template, ("V", value), ("Good", 7)));
        record["Good"].ShouldBe(new StrictJson.Number("7"));
        return record;
    }

    [Fact]
    public void AValueThatWritesWithoutEndIsStopped()
    {
        var record = ReadValue(new Custom(output => { while (true) output.Write("endless "); }));
        ((string)record["V"]!).Length.ShouldBe(new TemporalSinkOptions().Limits.StringLengthMax + 1);
        ((Dictionary<string, object?>)record["truncated"]!)["@m"].ShouldBe(true);
    }

    [Fact]
    public void AValueThatRendersItselfIsStoppedBeforeTheStackEnds()
    {
        Custom? self = null;
        self = new Custom(output => { output.Write(""); self!.Render(output); });
        ReadValue(self)["V"].ShouldBe("(rendering failed: InsufficientExecutionStackException)");
        _formatter.Failures.ShouldBe(1);
    }

    [Fact]
    public void AValueThatThrowsLeavesAPlaceholderInItsPlaceAlone()
    {
        var record =
            ReadValue(new SequenceValue([new ScalarValue("a"), new ScalarValue(new Throws()), new ScalarValue("b")]), "{V} and {Good}");
        ((List<object?>)record["V"]!).ShouldBe(["a", "(rendering failed: InvalidOperationException)", "b"]);
        record["@m"].ShouldBe("[\"a\", (rendering failed: InvalidOperationException), \"b\"] and 7");
    }

    [Fact]
    public void OneValueInVeryManyPlacesIsShownOnlyAsOftenAsThereIsRoom()
    {
        LogEventPropertyValue value = new ScalarValue("leaf");
        for (var i = 0; i < 10; i++) value = new SequenceValue(Enumerable.Repeat(value, 1_000));
        ReadValue(value, "{Good}").ContainsKey("V").ShouldBeFalse();
    }

    [Fact]
    public void NestingBeyondTheDepthIsNotFollowed()
    {
        LogEventPropertyValue value = new ScalarValue("leaf");
        for (var i = 0; i < 200_000; i++)
            value = i % 2 == 0 ? new SequenceValue([value]) : new DictionaryValue([new(new ScalarValue("k"), value)]);
        ReadValue(value);
    }

    [Fact]
    public void ADictionaryIsALevelOfTheDepthToo()
    {
        LogEventPropertyValue value = new ScalarValue("leaf");
        var depthMax = new TemporalSinkOptions().Limits.DepthMax;
        for (var i = 0; i <= depthMax; i++) value = new DictionaryValue([new(new ScalarValue("k"), value)]);
        object? inner = ReadValue(value)["V"];
        for (var i = 0; i < depthMax; i++) inner = ((Dictionary<string, object?>)inner!)["k"];
        inner.ShouldBe("…");
    }

    [Fact]
    public void NullsWhereThereShouldBeNoneAreWrittenAsSuch()
    {
        var record = ReadValue(new SequenceValue([null!, new StructureValue([null!, new LogEventProperty("A", new ScalarValue(1))])]));
        var list = (List<object?>)record["V"]!;
        list[0].ShouldBeNull();
        ((Dictionary<string, object?>)list[1]!)["A"].ShouldBe(new StrictJson.Number("1"));
    }

    [Fact]
    public void NamesThatComeTwiceInOneObjectAreKeptApart()
    {
        var structure =
            new StructureValue([new("A", new ScalarValue(1)), new("A", new ScalarValue(2)), new("$type", new ScalarValue(3))], "T");
        var dictionary =
            new DictionaryValue([new(new ScalarValue(1), new ScalarValue("n")), new(new ScalarValue("1"), new ScalarValue("s"))]);
        var record = Read(SomeEvent.Of("x", ("S", structure), ("D", dictionary),
            ("T", new StructureValue([new("$type", new ScalarValue(1))], "T"))));
        ((Dictionary<string, object?>)record["S"]!).Keys.ShouldBe(["A", "A_", "$type", "$type_"]);
        ((Dictionary<string, object?>)record["D"]!).Values.ShouldBe(["n", "s"]);
        ((Dictionary<string, object?>)record["T"]!).Keys.ShouldBe(["$type", "$type_"]);
    }

    [Theory]
    [InlineData("{V:D999999999}")]
    [InlineData("{V:N999999999}")]
    [InlineData("{V,2000000000}")]
    [InlineData("{V,-2000000000}")]
    [InlineData("{V,2000000000:E999999999}")]
    public void ATemplateCannotAskForAHugeText(string template) =>
        ReadValue(17, template + "{Good}")["V"].ShouldBe(new StrictJson.Number("17"));

    [Fact]
    public void AFormatThatTheTypeDoesNotHaveIsLeftOut() => ReadValue(17, "{V:Q}")["@m"].ShouldBe("17");

    [Fact]
    public void AHugeNumberIsNamedAndNotPrinted() =>
        ReadValue(System.Numerics.BigInteger.One << 100_000_000)["V"].ShouldBe("(a number of 12500001 bytes)");

    [Fact]
    public void ExceptionsNestedTooDeepToPrintAreCut()
    {
        var exception = new InvalidOperationException("innermost");
        for (var i = 0; i < 200_000; i++) exception = new InvalidOperationException($"e{i}", exception);
        var text = (string)Read(SomeEvent.With(exception))["@x"]!;
        text.ShouldStartWith("System.InvalidOperationException: e199999");
        text.ShouldEndWith("(further exceptions are left out)");
    }

    [Fact]
    public void AnExceptionInVeryManyPlacesIsCut()
    {
        Exception exception = new InvalidOperationException("leaf");
        for (var i = 0; i < 60; i++) exception = new AggregateException(exception, exception);
        ((string)Read(SomeEvent.With(exception))["@x"]!).ShouldStartWith("System.AggregateException: 2 exceptions");
    }

    [Fact]
    public void ANameOfAMillionCharactersIsLeftOutAndNamed()
    {
        var name = new string('\u0001', 1_000_000);
        var record = Read(SomeEvent.Of("x", (name + "a", 1), (name + "b", 2), ("Good", 7)));
        record["Good"].ShouldBe(new StrictJson.Number("7"));
        ((Dictionary<string, object?>)record["truncated"]!).Count.ShouldBe(2);
    }

    [Fact]
    public void ATokenThatOthersWroteIsRenderedLikeAnyValue()
    {
        var template = new MessageTemplate("t", [new TextToken("a "), new CustomToken(), new TextToken(" b")]);
        var logEvent = new LogEvent(TestSupport.Some.Instant, LogEventLevel.Information, null, template, []);
        ((string)Read(logEvent)["@m"]!).ShouldStartWith("a ~~~~");
    }

    sealed class Throws
    {
        public override string ToString() => throw new InvalidOperationException("no");
    }

    sealed class Custom(Action<TextWriter> render) : LogEventPropertyValue
    {
        public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null) => render(output);
    }

    sealed class CustomToken : MessageTemplateToken
    {
        public override int Length => 1;

        public override void Render(IReadOnlyDictionary<string, LogEventPropertyValue> properties, TextWriter output,
            IFormatProvider? formatProvider = null)
        {
            while (true) output.Write('~');
        }
    }
}
