using Google.Protobuf;
using LogPipeline.TestSupport;
using LogPipeline.Worker;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Configuration;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Tests.Worker;

public sealed class LogWorkerOptionsTests
{
    static LogWorkerOptions Read(params (string Name, string Value)[] variables) =>
        LogWorkerOptions.Read(Of(variables)).Options;

    static Dictionary<string, string> Of((string Name, string Value)[] variables) =>
        variables.Append(("TEMPORAL_CONFIG_FILE", "/nowhere/temporal.toml")).ToDictionary(v => v.Item1, v => v.Item2);

    [Fact]
    public void WithoutVariablesTheDefaultsHold() =>
        Read().ShouldBe(new LogWorkerOptions { Files = new LogPipeline.Worker.Files.LogWriterOptions() });

    [Fact]
    public void EveryVariableIsRead()
    {
        var options = Read(("LOG_DIRECTORY", "/var/log/pipeline"), ("TEMPORAL_ADDRESS", "temporal:7233"), ("TEMPORAL_NAMESPACE", "logs"),
            ("LOG_TASK_QUEUE", "q"),
            ("LOG_SHUTDOWN_TIMEOUT", "5s"), ("LOG_CONCURRENT_BATCHES", "7"), ("LOG_LEVEL", "debug"), ("LOG_FILE_BYTES_MAX", "1MiB"),
            ("LOG_OPEN_FILES_MAX", "3"),
            ("LOG_CHANNELS_MAX", "4"), ("LOG_ORDER_WAIT_MAX", "3s"), ("LOG_RECEIPT_RETENTION", "30d"), ("LOG_RECEIPTS_MAX", "5000"),
            ("LOG_RETENTION_AGE", "30d"), ("LOG_RETENTION_FILES", "9"), ("LOG_RETENTION_BYTES", "1GiB"), ("LOG_RETENTION_AGE_MIN", "2h"),
            ("LOG_FREE_BYTES_MIN", "1MiB"),
            ("LOG_COMPRESS_AFTER", "3h"), ("LOG_HTTP_PORT", "8082"), ("LOG_HTTP_IP", "0.0.0.0"),
            ("LOG_HTTP_TOKEN", "sixteen--letters"));
        options.ShouldBe(new LogWorkerOptions
        {
            Directory = "/var/log/pipeline", Address = "temporal:7233", Namespace = "logs", TaskQueue = "q",
            ShutdownTimeout = TimeSpan.FromSeconds(5), ConcurrentBatches = 7,
            Level = Microsoft.Extensions.Logging.LogLevel.Debug,
            Files = new()
            {
                FileBytesMax = 1 << 20, OpenFilesMax = 3, ChannelsMax = 4, OrderWaitMax = TimeSpan.FromSeconds(3),
                ReceiptRetention = TimeSpan.FromDays(30), ReceiptsMax = 5000,
                Retention = new(TimeSpan.FromDays(30), 9, 1L << 30, TimeSpan.FromHours(2)), FreeBytesMin = 1 << 20,
                CompressAfter = TimeSpan.FromHours(3),
            },
            Web = new() { Port = 8082, Ip = "0.0.0.0", Token = "sixteen--letters" },
        });
    }

    [Fact]
    public void FormatsAndChannelsAreReadAndWhatIsWrongIsToldWithTheRest()
    {
        Read(("LOG_FORMAT", "text"), ("LOG_CHANNEL_AUDIT_FORMAT", "json")).Files.Channels.Of(
            LogPipeline.Worker.Channels.ChannelName.Of("audit")).Format.ShouldBe(LogPipeline.Worker.Formats.LogFormat.Json);
        Should.Throw<ConfigurationException>(() =>
            Read(("LOG_FORMAT", "xml"), ("LOG_CHANNEL_AUDIT_FROMAT", "json"), ("LOG_OPEN_FILES_MAX", "none"))).Errors.Count.ShouldBe(3);
    }

    [Fact]
    public void ANamedWorkerHasItsOwnDirectory()
    {
        var options = Read(("LOG_DIRECTORY", "/var/log/pipeline"), ("LOG_WORKER_NAME", "one"),
            ("LOG_LEDGER_CONNECTION", "Host=db;Database=logs"), ("LOG_LEDGER_LEASE", "30s"));
        options.Directory.ShouldBe("/var/log/pipeline/one");
        options.Identity.ShouldStartWith("one/");
        options.Sharing.ShouldSatisfyAllConditions(s => s.Name.ShouldBe("one"), s => s.Lease.ShouldBe(TimeSpan.FromSeconds(30)), s =>
            s.Connection.ShouldNotBeNull().ShouldContain("Timeout=3"));
    }

    [Fact]
    public void AWrongLedgerIsRefusedWithoutItsPassword()
    {
        var errors = Should.Throw<ConfigurationException>(() =>
            Read(("LOG_LEDGER_CONNECTION", "Hots=db;Password=secret"), ("LOG_WORKER_NAME", "../up"), ("LOG_LEDGER_LEASE", "1s"))).Errors;
        errors.Count.ShouldBe(3);
        string.Join('\n', errors).ShouldNotContain("secret");
    }

    [Fact]
    public void AllErrorsAreTold() =>
        Should.Throw<ConfigurationException>(() =>
            Read(("LOG_SHUTDOWN_TIMEOUT", "1h"), ("LOG_RECEIPT_RETENTION", "1s"),
                ("TEMPORAL_ADDRESS", "nowhere"))).Errors.Count.ShouldBe(3);

    [Fact]
    public void AFileIsNotCompressedBeforeAnAgentCanHaveShippedIt() =>
        Should.Throw<ConfigurationException>(() => Read(("LOG_COMPRESS_AFTER", "10m"))).Errors.ShouldHaveSingleItem()
            .ShouldStartWith("LOG_COMPRESS_AFTER was '10m'; use 0, or at least LOG_RETENTION_AGE_MIN, which is 1h");

    [Fact]
    public void LettersGoWhereTheVariableSaysAndNoFurtherThanTheirBound()
    {
        using var directory = new TempDirectory();
        var box = Read(("LOG_DIRECTORY", directory.File("logs")), ("LOG_DEAD_LETTER_DIRECTORY",
            directory.File("letters")), ("LOG_DEAD_LETTER_BYTES_MAX", "1000")).OpenDeadLetters();
        var (header, array) = SomeBatch.Of(1, "app");
        box.Write(BatchSalvage.Whole(header.Id.ToString(), header, array, "a reason", DateTimeOffset.UnixEpoch));
        var (next, records) = SomeBatch.Of(2, "app");
        var second = BatchSalvage.Whole(next.Id.ToString(), next, records, "a reason", DateTimeOffset.UnixEpoch);
        Should.Throw<IOException>(() => box.Write(second)).Message.ShouldContain("and 10000 and 1000 are their bounds");
        Directory.GetFiles(directory.File("letters")).ShouldHaveSingleItem();
        Directory.Exists(directory.File("logs")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("4KiB", 4096, true)]
    [InlineData("4KiB", 4000, false)]
    [InlineData("1KiB", 4000, true)]
    [InlineData("0", 100_000, false)]
    public async Task PayloadsOfTheSizeThatIsSaidAndMoreAreCompressed(string bytesMin, int length, bool isCompressed)
    {
        var (_, connection) = LogWorkerOptions.Read(Of([("LOG_GZIP_BYTES_MIN", bytesMin)]));
        var payload = new Payload { Data = ByteString.CopyFrom(new byte[length]) };
        var encoded = (await connection.DataConverter.PayloadCodec!.EncodeAsync([payload])).ShouldHaveSingleItem();
        (encoded.Metadata.GetValueOrDefault("encoding")?.ToStringUtf8() == "binary/gzip").ShouldBe(isCompressed);
    }

    [Fact]
    public void TemporalsOwnSettingsAreHonoured()
    {
        using var directory = new TempDirectory();
        File.WriteAllText(directory.File("temporal.toml"), """
            [profile.default]
            address = "from-file:7233"
            namespace = "from-file"
            """);
        var (options, connection) = LogWorkerOptions.Read(new Dictionary<string, string>
        {
            ["TEMPORAL_CONFIG_FILE"] = directory.File("temporal.toml"), ["TEMPORAL_NAMESPACE"] = "from-variable",
            ["TEMPORAL_API_KEY"] = "secret",
        });
        options.Address.ShouldBe("from-file:7233");
        options.Namespace.ShouldBe("from-variable");
        connection.ShouldSatisfyAllConditions(c => c.TargetHost.ShouldBe("from-file:7233"), c => c.Namespace.ShouldBe("from-variable"), c =>
            c.ApiKey.ShouldBe("secret"), c => c.Identity.ShouldBe(options.Identity));
    }

    [Fact]
    public void AnErrorInTemporalsSettingsIsToldWithTheOthers() =>
        Should.Throw<ConfigurationException>(() =>
            Read(("LOG_CHANNELS_MAX", "none"), ("TEMPORAL_PROFILE", "missing"),
                ("TEMPORAL_TLS", "perhaps"))).Errors.Count.ShouldBeGreaterThan(1);
}
