using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Codecs;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Tests.Worker;

/// <summary>What Temporal's package logs, as the worker passes it on.</summary>
public sealed class UnreadableQuietlyTests : IDisposable
{
    readonly AllLines _lines = new();
    readonly UnreadableSeen _seen = new();
    readonly TestClock _time = new();
    readonly LoggerFactory _loggers;
    readonly ILogger _logger;

    public UnreadableQuietlyTests()
    {
        _loggers = new LoggerFactory([_lines], new LoggerFilterOptions { MinLevel = LogLevel.Debug });
        var own = _loggers.CreateLogger("own");
        _logger = new UnreadableQuietly(_loggers, own, _seen, _time).CreateLogger("Temporalio");
    }

    public void Dispose() => _loggers.Dispose();

    [Fact]
    public void OfAFailureOneLineIsLoggedAndTheStackForWhoDebugs()
    {
        _logger.LogWarning(Thrown(new InvalidOperationException("Workflow type x is not registered.\nA second line.")),
            "Failed activation on workflow with run ID {RunId}", "r1");
        _lines.All.Where(line => line.Level > LogLevel.Debug).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            line => line.Level.ShouldBe(LogLevel.Warning),
            line => line.Text.ShouldBe("Failed activation on workflow with run ID r1: Workflow type x is not registered."),
            line => line.Exception.ShouldBeNull());
        _lines.All.Where(line => line.Level == LogLevel.Debug).ShouldHaveSingleItem().Exception!.StackTrace!
            .ShouldContain(nameof(Thrown));
        _seen.TryTake().ShouldBeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void ATextOfTheCoreIsCutToItsFirstLineAndToALengthThatIsRead(int words)
    {
        var line = string.Join(' ', Enumerable.Repeat("failing-workflow-task", words));
        _logger.LogWarning("{Text}", $"{line}\n   at LogPipeline.Somewhere()");
        var shown = _lines.All.Where(one => one.Level > LogLevel.Debug).ShouldHaveSingleItem().Text;
        line.ShouldStartWith(shown);
        shown.Length.ShouldBe(Math.Min(line.Length, 1_000));
        _lines.All.Count(one => one.Level == LogLevel.Debug).ShouldBe(1);
    }

    [Fact]
    public void AShortMessageIsPassedOnAsItIs()
    {
        _logger.LogWarning("Poll failed for {Reason}", "a reason");
        var (level, text, exception, state) = _lines.All.ShouldHaveSingleItem();
        (level, text, exception).ShouldBe((LogLevel.Warning, "Poll failed for a reason", null));
        state.ShouldBeAssignableTo<IReadOnlyList<KeyValuePair<string, object?>>>()!.ShouldContain(one => one.Key == "Reason");
    }

    [Fact]
    public void WhatCannotBeReadIsToldOnceAMinuteAndNoticed()
    {
        for (var i = 0; i < 3; i++)
            _logger.LogError(Thrown(new PayloadNotReadableException("A payload is damaged.")), "Failed activation");
        _lines.All.ShouldHaveSingleItem().Text.ShouldBe("A batch cannot be read and waits in Temporal. A payload is damaged.");
        _seen.TryTake().ShouldBeTrue();
        _time.Advance(TimeSpan.FromMinutes(1));
        _logger.LogError(Thrown(new PayloadNotReadableException("A payload is damaged.")), "Failed activation");
        _lines.All.Count.ShouldBe(2);
    }

    [Fact]
    public void WhatJsonSaysIsNotRepeated()
    {
        var e = Should.Throw<JsonException>(() => JsonSerializer.Deserialize<string[]>("[tsecret]"));
        _logger.LogError(Thrown(e), "Failed activation");
        _lines.All[0].Text.ShouldBe("Failed activation: it is no JSON at byte 2 of line 1.");
    }

    static Exception Thrown(Exception exception)
    {
        try
        {
            throw exception;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    sealed class AllLines : ILoggerProvider, ILogger
    {
        public List<(LogLevel Level, string Text, Exception? Exception, object? State)> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => All.Add((logLevel, formatter(state, exception), exception, state));

        public void Dispose()
        {
        }
    }
}
