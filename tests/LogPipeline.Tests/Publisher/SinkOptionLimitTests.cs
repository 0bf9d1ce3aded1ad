using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Publisher;

/// <summary>What each option may be at least and at most, in code and in the environment, and what is said of anything else.</summary>
public sealed class SinkOptionLimitTests
{
    static readonly string[] Counts =
    [
        "BufferSize LOG_BUFFER_SIZE 1 1000000",
        "Limits.QueueCountMax LOG_QUEUE_COUNT_MAX 2 10000000",
        "Limits.BatchRecordsMax LOG_BATCH_RECORDS_MAX 1 50000",
        "Breaker.After LOG_BREAK_AFTER 2 1000",
        "Sampling.ShedPercent LOG_SHED_PERCENT 1 100",
        "Sampling.Verbose LOG_SAMPLE_VERBOSE 1 1000000",
        "Sampling.Debug LOG_SAMPLE_DEBUG 1 1000000",
        "Sampling.Information LOG_SAMPLE_INFORMATION 1 1000000",
        "Limits.StringLengthMax LOG_STRING_LENGTH_MAX 1 10000000",
        "Limits.CollectionCountMax LOG_COLLECTION_COUNT_MAX 1 1000000",
        "Limits.DepthMax LOG_DEPTH_MAX 1 64",
    ];

    static readonly string[] Sizes =
    [
        "Limits.QueueBytesMax LOG_QUEUE_BYTES_MAX 65536 17179869184",
        "Limits.BatchBytesMax LOG_BATCH_BYTES_MAX 16384 2031616",
        "Codec.GzipBytesMin LOG_GZIP_BYTES_MIN 0 2031616",
        "Limits.SpoolBytesMax LOG_SPOOL_BYTES_MAX 65536 1125899906842624",
        "Fallback.FileBytesMax LOG_FALLBACK_FILE_BYTES_MAX 65536 1125899906842624",
        "Limits.EventBytesMax LOG_EVENT_BYTES_MAX 16384 2030592",
    ];

    static readonly string[] Times =
    [
        "FlushInterval LOG_FLUSH_INTERVAL 10ms 1h",
        "Timeouts.BackPressure LOG_BACK_PRESSURE 0s 1m",
        "Timeouts.Start LOG_START_TIMEOUT 100ms 5m",
        "Breaker.IntervalMax LOG_BREAK_MAX 1s 1h",
        "Breaker.DeniedDelay LOG_DENIED_DELAY 1s 1h",
        "Sampling.RepeatWindow LOG_REPEAT_WINDOW 0s 1h",
        "Timeouts.Close LOG_CLOSE_TIMEOUT 0s 1h",
        "Timeouts.Audit LOG_AUDIT_TIMEOUT 100ms 1h",
        "Timeouts.Report LOG_REPORT_INTERVAL 0s 1h",
    ];

    public static TheoryData<string> AllCounts => [.. Counts];
    public static TheoryData<string> AllSizes => [.. Sizes];
    public static TheoryData<string> AllTimes => [.. Times];

    [Fact]
    public void EveryOptionThatIsANumberOrATimeIsInTheTables() =>
        Counts.Concat(Sizes).Concat(Times).Select(row => row.Split(' ')[0]).ShouldBe(SinkOption.All
            .Where(option => option.Type == typeof(int) || option.Type == typeof(long) || option.Type == typeof(TimeSpan))
            .Select(option => option.Name), ignoreOrder: true);

    [Theory, MemberData(nameof(AllCounts))]
    public void ACountHasALeastAndAMost(string row)
    {
        var (name, variable, min, max) = Read(row);
        var (least, most) = (int.Parse(min), int.Parse(max));
        var wants = $"use a whole number from {min} to {max}.";
        foreach (var taken in (int[])[least, most]) Taken(name, variable, taken, $"{taken}");
        foreach (var refused in (int[])[least - 1, most + 1]) Refused(name, variable, refused, $"{refused}", wants, wants);
    }

    [Theory, MemberData(nameof(AllSizes))]
    public void ASizeHasALeastAndAMost(string row)
    {
        var (name, variable, min, max) = Read(row);
        var (least, most) = (long.Parse(min), long.Parse(max));
        var isInt = SinkOption.Named(name).Type == typeof(int);
        foreach (var taken in (long[])[least, most]) Taken(name, variable, isInt ? (object)(int)taken : taken, $"{taken}");
        foreach (var refused in (long[])[least - 1, most + 1])
            Refused(name, variable, isInt ? (object)(int)refused : refused, $"{refused}", $"use a size in bytes from {min} to {max}.",
                $"use a size from {OptionText.Bytes(least)} to {OptionText.Bytes(most)}, such as 1048576, 512KiB or 64MiB.");
    }

    [Theory, MemberData(nameof(AllTimes))]
    public void ATimeHasALeastAndAMost(string row)
    {
        var (name, variable, min, max) = Read(row);
        OptionText.TryParseDuration(min, out var least).ShouldBeTrue();
        OptionText.TryParseDuration(max, out var most).ShouldBeTrue();
        foreach (var taken in (TimeSpan[])[least, most]) Taken(name, variable, taken, $"{taken}");
        var wants = $"use a time from {min} to {max}";
        foreach (var refused in (TimeSpan[])[least - TimeSpan.FromMilliseconds(1), most + TimeSpan.FromMilliseconds(1)])
            Refused(name, variable, refused, $"{refused}", wants + ".", wants + ", such as 5, 5s, 500ms or 00:00:05.");
    }

    [Fact]
    public void EveryEventFitsInABatch()
    {
        Errors(new TemporalSinkOptions { Limits = { BatchBytesMax = 200_000 } }).ShouldBe(
            ["Limits.EventBytesMax was '200000'; use less than Limits.BatchBytesMax, which is 200000: every event must fit in a batch."]);
        SinkOptionsReader.Settle(new TemporalSinkOptions { Limits = { BatchBytesMax = 200_001 } }, _ =>
            null).Limits.EventBytesMax.ShouldBe(200_000);
    }

    [Fact]
    public void WhatIsNoneOfAnOptionsChoicesIsRefusedWithTheChoices() =>
        Errors(new TemporalSinkOptions { Durability = (Durability)7, Fallback = { Mode = (TemporalFallback)7 },
            Redaction = { Scope = (RedactionScope)7 } }).ShouldBe([
            "Durability was '7'; use one of Memory, ProcessSafe, PowerSafe.",
            "Fallback.Mode was '7'; use one of Spool, WriteFile.",
            "Redaction.Scope was '7'; use one of Off, Names, Formats, All.",
        ]);

    [Theory]
    [InlineData("LOG_DURABILITY", "use one of Memory, ProcessSafe, PowerSafe")]
    [InlineData("LOG_FALLBACK", "use one of Spool, WriteFile")]
    [InlineData("LOG_REDACTION", "use one of Off, Names, Formats, All")]
    [InlineData("LOG_FLUSH_ON_ERROR", "use true or false")]
    public void AVariableThatIsNoneOfTheChoicesIsRefusedWithThem(string variable, string wants) =>
        Errors(new TemporalSinkOptions(), variable, "1a").ShouldBe([$"{variable} was '1a'; {wants}."]);

    [Fact]
    public void WithoutADirectoryForFilesThereIsNoFallbackToThem()
    {
        Errors(new TemporalSinkOptions { Fallback = { Mode = TemporalFallback.WriteFile, Directory = "" } })
            .ShouldBe(["Fallback.Directory was ''; use the directory that an agent ships files from."]);
        SinkOptionsReader.Settle(new TemporalSinkOptions { Fallback = { Directory = "" } }, _ =>
            null).Fallback.Mode.ShouldBe(TemporalFallback.Spool);
    }

    [Fact]
    public void WhereNothingIsSaidTheDefaultHolds()
    {
        var settled = SinkOptionsReader.Settle(new TemporalSinkOptions { TaskQueue = "", SpoolDirectory = "",
            Namespace = "", Redaction = { Names = "" } }, _ => "");
        settled.TaskQueue.ShouldBe("log-processing-queue");
        settled.Fallback.Directory.ShouldBe("logs");
        settled.SpoolDirectory.ShouldBe(Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
            "logpipeline", "spool"));
        (settled.Address, settled.Namespace, settled.Redaction.Names).ShouldBe((null, null, null));
    }

    static (string Name, string Variable, string Min, string Max) Read(string row)
    {
        var parts = row.Split(' ');
        return (parts[0], parts[1], parts[2], parts[3]);
    }

    /// <summary>The two options that are held against each other leave room for the one that is looked at.</summary>
    static TemporalSinkOptions With(string name, object? value)
    {
        var options = new TemporalSinkOptions { Limits = { BatchBytesMax = name == "Limits.BatchBytesMax"
            ? 1_048_576 : 2_031_616, EventBytesMax = 16_384 } };
        if (value is not null) SinkOption.Named(name).Set(options, value);
        return options;
    }

    static void Taken(string name, string variable, object value, string text)
    {
        // A batch of the least size would hold no event of the least size.
        if (name == "Limits.BatchBytesMax" && value is 16_384L) (value, text) = (16_385L, "16385");
        SinkOption.Named(name).Get(SinkOptionsReader.Settle(With(name, value), _ => null)).ShouldBe(value);
        SinkOption.Named(name).Get(SinkOptionsReader.Settle(With(name, null), asked => asked == variable ? text : null)).ShouldBe(value);
    }

    static void Refused(string name, string variable, object value, string text, string wantsInCode, string wantsInVariable)
    {
        Errors(With(name, value))[0].ShouldBe($"{name} was '{text}'; {wantsInCode}");
        Errors(With(name, null), variable, text)[0].ShouldBe($"{variable} was '{text}'; {wantsInVariable}");
    }

    static IReadOnlyList<string> Errors(TemporalSinkOptions options, string? variable = null, string text = "") =>
        Should.Throw<ConfigurationException>(() => SinkOptionsReader.Settle(options, asked => asked == variable ? text : null)).Errors;
}
