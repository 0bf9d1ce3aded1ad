using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Options;

/// <summary>What each option of the worker may be at least and at most, and what is said of anything else.</summary>
public sealed class WorkerOptionLimitTests
{
    /// <summary>The place in <see cref="ShownWorkerOptions"/>, the variable, the least and the most.</summary>
    static readonly string[] Counts =
    [
        "ConcurrentBatches LOG_CONCURRENT_BATCHES 1 10000",
        "Files.OpenFilesMax LOG_OPEN_FILES_MAX 1 10000",
        "Files.ChannelsMax LOG_CHANNELS_MAX 1 100000",
        "Files.ReceiptsMax LOG_RECEIPTS_MAX 1000 100000000",
        "Files.Retention.FilesMax LOG_RETENTION_FILES 0 1000000",
        "Rule.RetentionFiles LOG_CHANNEL_ANY_RETENTION_FILES 0 1000000",
        "Loki.Concurrency LOG_LOKI_CONCURRENCY 1 1000",
    ];

    static readonly string[] Sizes =
    [
        "Files.FileBytesMax LOG_FILE_BYTES_MAX 1024 1099511627776",
        "Files.FreeBytesMin LOG_FREE_BYTES_MIN 0 1125899906842624",
        "Files.Retention.BytesMax LOG_RETENTION_BYTES 0 1125899906842624",
        "DeadLetterBytesMax LOG_DEAD_LETTER_BYTES_MAX 0 1125899906842624",
        "Loki.LineBytesMax LOG_LOKI_LINE_BYTES_MAX 1024 8388608",
        "GzipBytesMin LOG_GZIP_BYTES_MIN 0 2031616",
    ];

    static readonly string[] Times =
    [
        "ShutdownTimeout LOG_SHUTDOWN_TIMEOUT 0s 25s",
        "Files.OrderWaitMax LOG_ORDER_WAIT_MAX 0s 15s",
        "CanaryInterval LOG_CANARY_INTERVAL 0s 1d",
        "Files.ReceiptRetention LOG_RECEIPT_RETENTION 1d 365d",
        "Files.Retention.AgeMax LOG_RETENTION_AGE 0s 36500d",
        "Files.Retention.AgeMin LOG_RETENTION_AGE_MIN 0s 365d",
        "Files.CompressAfter LOG_COMPRESS_AFTER 0s 36500d",
        "Rule.RetentionAge LOG_CHANNEL_ANY_RETENTION_AGE 0s 36500d",
        "Sharing.Lease LOG_LEDGER_LEASE 5s 1d",
        "UnreadableAfter LOG_UNREADABLE_AFTER 0s 365d",
        "Loki.Timeout LOG_LOKI_TIMEOUT 100ms 1m",
        "Loki.GiveUpAfter LOG_LOKI_GIVE_UP_AFTER 1m 365d",
    ];

    public static TheoryData<string> AllCounts => [.. Counts];
    public static TheoryData<string> AllSizes => [.. Sizes];
    public static TheoryData<string> AllTimes => [.. Times];

    [Fact]
    public void EveryOptionWhoseDefaultIsANumberOrATimeIsInTheTables() =>
        Counts.Concat(Sizes).Concat(Times).Select(row => row.Split(' ')[1]).Where(variable => !variable.Contains("_CHANNEL_ANY_"))
            .ShouldBe(WorkerOption.All.Where(option => option.Default is { } text && char.IsAsciiDigit(text[0]) && !text.Contains('.')
                && !text.Contains(' '))
                .Select(option => option.Variable), ignoreOrder: true);

    [Theory, MemberData(nameof(AllCounts))]
    public void ACountHasALeastAndAMost(string row)
    {
        var (place, variable, min, max) = Read(row);
        foreach (var taken in (string[])[min, max]) Held(variable, taken)[place].ShouldBe(IsOff(place, taken) ? "" : taken);
        foreach (var refused in (long[])[long.Parse(min) - 1, long.Parse(max) + 1])
            Errors(variable, $"{refused}").ShouldBe([$"{variable} was '{refused}'; use a whole number from {min} to {max}."]);
    }

    [Theory, MemberData(nameof(AllSizes))]
    public void ASizeHasALeastAndAMost(string row)
    {
        var (place, variable, min, max) = Read(row);
        var sentence = $"use a size from {OptionText.Bytes(long.Parse(min))} to {OptionText.Bytes(long.Parse(max))}, such as 1048576, "
            + "512KiB or 64MiB.";
        foreach (var taken in (string[])[min, max]) Held(variable, taken)[place].ShouldBe(IsOff(place, taken) ? "" : taken);
        foreach (var refused in (long[])[long.Parse(min) - 1, long.Parse(max) + 1])
            Errors(variable, $"{refused}").ShouldBe([$"{variable} was '{refused}'; {sentence}"]);
    }

    [Theory, MemberData(nameof(AllTimes))]
    public void ATimeHasALeastAndAMost(string row)
    {
        var (place, variable, min, max) = Read(row);
        foreach (var taken in (string[])[min, max])
            Held(variable, taken)[place].ShouldBe(IsOff(place, taken) ? "" : $"{Of(taken)}");
        foreach (var refused in (TimeSpan[])[Of(min) - TimeSpan.FromMilliseconds(1), Of(max) + TimeSpan.FromMilliseconds(1)])
        {
            var text = $"{refused.TotalMilliseconds}ms";
            Errors(variable, text)
                .ShouldBe([$"{variable} was '{text}'; use a time from {min} to {max}, such as 5, 5s, 500ms or 00:00:05."]);
        }
    }

    [Theory]
    [InlineData("LOG_RETENTION_AGE", "use at least LOG_RETENTION_AGE_MIN, which is 2h.")]
    [InlineData("LOG_COMPRESS_AFTER",
        "use 0, or at least LOG_RETENTION_AGE_MIN, which is 2h: an agent has to ship a file before it is compressed.")]
    [InlineData("LOG_CHANNEL_ANY_RETENTION_AGE", "use at least LOG_RETENTION_AGE_MIN, which is 2h.")]
    public void NothingThatRemovesFilesIsSoonerThanTheAgeThatTheyReachInAnyCase(string variable, string sentence)
    {
        Held(variable, "7200s", ("LOG_RETENTION_AGE_MIN", "2h")).Values.ShouldContain("02:00:00");
        Errors(variable, "7199s", ("LOG_RETENTION_AGE_MIN", "2h")).ShouldHaveSingleItem()
            .ShouldMatch($"^{variable} was '[^']+'; {System.Text.RegularExpressions.Regex.Escape(sentence)}$");
        Held(variable, "0", ("LOG_RETENTION_AGE_MIN", "2h"));
    }

    [Theory]
    [InlineData("LOG_FORMAT", "xml", "use one of Clef, Json, Text.")]
    [InlineData("LOG_CHANNEL_ANY_FORMAT", "xml", "use one of Clef, Json, Text.")]
    [InlineData("LOG_LEVEL_MIN", "loud", "use one of trace, debug, info, warning, error, fatal.")]
    [InlineData("LOG_CHANNEL_ANY_LEVEL_MIN", "loud", "use one of trace, debug, info, warning, error, fatal.")]
    [InlineData("LOG_LEVEL", "loud", "use one of Trace, Debug, Information, Warning, Error, Critical, None.")]
    [InlineData("LOG_HTTP_PORT", "65536", "use a port from 1 to 65535, 0 for any that is free, or off.")]
    [InlineData("LOG_HTTP_IP", "localhost", "use an IP address, such as 127.0.0.1, or 0.0.0.0 for all.")]
    [InlineData("LOG_HTTP_IP", "0.0.0.0",
        "set LOG_HTTP_TOKEN to 16 characters or more too (it has 0), as others than this machine could read records.")]
    [InlineData("LOG_HTTP_KEY_FILE", "/k", "set LOG_HTTP_CERTIFICATE_FILE too, to the certificate's PEM file.")]
    [InlineData("LOG_HTTP_CERTIFICATE_FILE", "/c", "use a PEM file that this user may read.")]
    [InlineData("LOG_TEMPORAL_UI_URL", "javascript:x", "use an address such as https://temporal.example.com, without a login.")]
    [InlineData("LOG_TEMPORAL_UI_URL", "temporal:8080", "use an address such as https://temporal.example.com, without a login.")]
    [InlineData("LOG_CODEC_ORIGINS", "http://a/", "use origins such as https://temporal.example.com, without a path.")]
    [InlineData("LOG_WORKER_NAME", ".a", "use 1 to 100 letters, digits, '.', '_' or '-', not beginning with '.'.")]
    [InlineData("LOG_WORKER_NAME", "dead-letters", "use 1 to 100 letters, digits, '.', '_' or '-', not beginning with '.'.")]
    [InlineData("TEMPORAL_ADDRESS", "nowhere", "use HOST:PORT, such as localhost:7233.")]
    public void WhatIsNoneOfAnOptionsChoicesIsRefusedWithThem(string variable, string text, string sentence) =>
        Errors(variable, text).ShouldBe([$"{variable} was '{text}'; {sentence}"]);

    [Theory]
    [InlineData("LOG_HTTP_PORT", "65535", "Web.Port")]
    [InlineData("LOG_LEVEL", "none", "Level")]
    [InlineData("LOG_WORKER_NAME", "a.b_c-d", "Sharing.Name")]
    public void TheLastOfAnOptionsChoicesIsTaken(string variable, string text, string place) =>
        Held(variable, text)[place].ShouldBe(text, StringCompareShould.IgnoreCase);

    /// <summary>Zero says that there is no bound.</summary>
    static bool IsOff(string place, string text) => (text is "0" or "0s") && (place is "Files.Retention.FilesMax"
        or "Files.Retention.BytesMax" or "Files.Retention.AgeMax" or "Files.CompressAfter" or "Rule.RetentionFiles" or "Rule.RetentionAge");

    static TimeSpan Of(string text)
    {
        OptionText.TryParseDuration(text, out var value).ShouldBeTrue();
        return value;
    }

    static (string Place, string Variable, string Min, string Max) Read(string row)
    {
        var parts = row.Split(' ');
        return (parts[0], parts[1], parts[2], parts[3]);
    }

    static Dictionary<string, string> Held(string variable, string text, params (string Name, string Text)[] more)
    {
        var (options, connection) = LogWorkerOptions.Read(Variables(variable, text, more));
        return ShownWorkerOptions.Of(options, connection);
    }

    static IReadOnlyList<string> Errors(string variable, string text, params (string Name, string Text)[] more) =>
        Should.Throw<ConfigurationException>(() => LogWorkerOptions.Read(Variables(variable, text, more))).Errors;

    static Dictionary<string, string> Variables(string variable, string text, (string Name, string Text)[] more)
    {
        var variables = new Dictionary<string, string>
        {
            ["TEMPORAL_CONFIG_FILE"] = "/nowhere/temporal.toml", ["LOG_LOKI_URL"] = "http://loki:3100", [variable] = text,
        };
        foreach (var (name, other) in more) variables[name] = other;
        return variables;
    }
}
