using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.TestSupport;
using LogPipeline.Workflows.Configuration;
using Serilog;

namespace LogPipeline.Tests.Publisher;

public sealed class TemporalSinkOptionsTests
{
    static Func<string, string?> Environment(params (string Name, string Value)[] variables) =>
        name => variables.FirstOrDefault(variable => variable.Name == name).Value;

    [Fact]
    public void TheEnvironmentWinsOverCodeAndAnEmptyVariableCountsAsUnset()
    {
        var options = SinkOptionsReader.Settle(
            new TemporalSinkOptions { BufferSize = 20, FlushInterval = TimeSpan.FromSeconds(9), Source = "code" },
            Environment(("LOG_BUFFER_SIZE", "30"), ("LOG_FLUSH_INTERVAL", "500ms"), ("LOG_SOURCE", ""),
                ("TEMPORAL_ADDRESS", "temporal:7233")));
        options.BufferSize.ShouldBe(30);
        options.FlushInterval.ShouldBe(TimeSpan.FromMilliseconds(500));
        options.Source.ShouldBe("code");
        options.Address.ShouldBe("temporal:7233");
    }

    [Fact]
    public void EveryErrorIsToldAtOnceWithWhatWasGivenAndWhatWouldDo()
    {
        var error = Should.Throw<ConfigurationException>(() => SinkOptionsReader.Settle(
            new TemporalSinkOptions { Address = "no port", Channel = "", Limits = { BatchBytesMax = 8_388_608, DepthMax = 0 } },
            Environment(("LOG_BUFFER_SIZE", "many"), ("LOG_FLUSH_INTERVAL", "soon"), ("LOG_SOURCE", "a b"))));
        error.Errors.ShouldBe([
            "Address was 'no port'; use HOST:PORT, such as localhost:7233.",
            "LOG_SOURCE was 'a b'; use 1 to 100 letters, digits, '.', '_' or '-', not beginning with '.'.",
            "Channel was ''; use 1 to 100 characters.",
            "LOG_BUFFER_SIZE was 'many'; use a whole number from 1 to 1000000.",
            "LOG_FLUSH_INTERVAL was 'soon'; use a time from 10ms to 1h, such as 5, 5s, 500ms or 00:00:05.",
            "Limits.BatchBytesMax was '8388608'; use a size in bytes from 16384 to 2031616.",
            "Limits.DepthMax was '0'; use a whole number from 1 to 64.",
        ]);
    }

    [Fact]
    public void TheEnvironmentThatWinsMayBeTheCallersOwn()
    {
        var environment = Environment(("LOG_SOURCE", "a b"), ("LOG_AUDIT_TIMEOUT", "soon"));
        string[] wrong = ["LOG_SOURCE was 'a b'", "LOG_AUDIT_TIMEOUT was 'soon'"];
        void ShouldBeRefused(Action make) =>
            Should.Throw<ConfigurationException>(make).Errors.Select(error => error.Split(';')[0]).ShouldBe(wrong);
        ShouldBeRefused(() => new LoggerConfiguration().WriteTo.Temporal(options => options.Source = "code", environment: environment));
        ShouldBeRefused(() => new LoggerConfiguration().AuditTo.Temporal(options => options.Source = "code", environment: environment));
    }

    [Fact]
    public async Task AnEnvironmentThatIsIgnoredIsNotAsked()
    {
        using var folder = new TempDirectory();
        var asked = new List<string>();
        var options = new TemporalSinkOptions { Source = "code", Address = "127.0.0.1:1", SpoolDirectory = folder.Path,
            Timeouts = { Close = TimeSpan.Zero } };
        await using var sink = new TemporalSink(options, ignoreEnvironment: true, name =>
        {
            asked.Add(name);
            return null;
        });
        asked.ShouldBeEmpty();
        sink.Source.ShouldBe("code");
    }

    [Fact]
    public void AWrongOptionStopsTheProgramWhenTheLoggerIsMade()
    {
        var error = Should.Throw<ConfigurationException>(() =>
            new LoggerConfiguration().WriteTo.Temporal(bufferSize: 0, flushInterval: TimeSpan.Zero));
        error.Errors.Count.ShouldBe(2);
    }

    [Fact]
    public void ASpoolDirectoryThatCannotBeMadeIsAnErrorOfConfiguration()
    {
        using var folder = new TempDirectory();
        File.WriteAllText(folder.File("file"), "");
        var error = Should.Throw<ConfigurationException>(() =>
            new TemporalSink(new TemporalSinkOptions { SpoolDirectory = folder.File("file", "spool") }, ignoreEnvironment: true));
        error.Message.ShouldContain("LOG_SPOOL_DIRECTORY");
    }

    [Fact]
    public async Task AnAddressWhereNothingIsNeverThrowsAndNothingIsLost()
    {
        using var folder = new TempDirectory();
        var sink = new TemporalSink(new TemporalSinkOptions { Address = "127.0.0.1:1", SpoolDirectory = folder.Path,
            Timeouts = { Close = TimeSpan.FromSeconds(5) } }, ignoreEnvironment: true);
        for (var i = 0; i < 100; i++) sink.Emit(SomeEvent.Of("x"));
        await sink.DisposeAsync();
        sink.Stats.Spooled.ShouldBe(100);
        sink.Stats.LastError.ShouldNotBeNullOrEmpty();
    }
}
