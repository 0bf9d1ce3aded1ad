using System.CommandLine;
using System.Diagnostics;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.Worker.Cli.Send.Follow;
using LogPipeline.Workflows.Configuration;
using Serilog.Debugging;
using Serilog.Events;

namespace LogPipeline.Worker.Cli.Send;

/// <summary>
/// Sends lines of files or of standard input as events through the sink, and reports where every line is.
/// </summary>
static class SendCommand
{
    static readonly Argument<string[]> Files = new("FILE")
    {
        Description = "Files to send, in this order; '-' or none: standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    static readonly Option<string?> Channel =
        new("--channel") { Description =
            "The channel of all lines. Without it that of a JSON line's field 'channel', LOG_CHANNEL, else app." };
    static readonly Option<string?> Source =
        new("--source") { Description = "The name of their source; LOG_SOURCE, else logworker." };
    static readonly Option<string?> SpoolDirectory =
        new("--spool-directory") { Description = "Where lines wait while Temporal is away; LOG_SPOOL_DIRECTORY." };
    static readonly Option<LogEventLevel?> Level = new("--level") { Description =
        "The level of lines that name none; information.",
        HelpName = "verbose|debug|information|warning|error|fatal" };
    static readonly Option<TimestampForm> Timestamp = new("--timestamp") { Description =
        "The time of a line: now (the default), or what it begins with: auto for any of the other forms.",
        HelpName = "now|auto|iso8601|rfc3164|epoch" };
    static readonly Option<string?> Multiline = new("--multiline") { Description =
        "An expression that the first line of an event matches; lines up to the next such line belong to it.",
        HelpName = "REGEX" };
    static readonly Option<bool> Json = new("--json") { Description =
        "Lines are JSON objects, CLEF or others: their time, level, message and properties are taken." };
    static readonly Option<long> Skip = new("--skip") { Description =
        "So many lines, of all files together, were sent before.", HelpName = "N" };
    static readonly Option<bool> Follow = new("--follow") { Description =
        "Sends what is appended to the one FILE, through rotation, until it is stopped; the next run goes on there." };

    public static Command Create()
    {
        var command = new Command("send",
            "Sends each line of files or of standard input to Temporal; ends with 0 only when all were accepted.")
        {
            Files, Channel, Source, SpoolDirectory, Level, Timestamp, Multiline, Json, Skip, Follow,
        };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(parsed, cancellationToken).ConfigureAwait(false);
        }
        catch (ConfigurationException e) when (WhyNoFlag(parsed, e.Message) is { } why)
        {
            await parsed.InvocationConfiguration.Error.WriteLineAsync(why).ConfigureAwait(false);
            return ExitCode.Usage;
        }
    }

    /// <summary>What is wrong with a variable's value, of the flag that gave it; null: no flag did.</summary>
    static string? WhyNoFlag(ParseResult parsed, string message)
    {
        (Option<string?> Flag, string Variable)[] flags =
            [(Channel, "LOG_CHANNEL"), (Source, "LOG_SOURCE"), (SpoolDirectory, "LOG_SPOOL_DIRECTORY")];
        var given = flags.Where(one => parsed.GetValue(one.Flag) is not null && message.Contains(one.Variable, StringComparison.Ordinal))
            .ToList();
        return given.Count == 0 ? null
            : given.Aggregate(message, (text, one) => text.Replace(one.Variable, one.Flag.Name, StringComparison.Ordinal));
    }

    static async Task<int> SendAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var files = parsed.GetValue(Files) is { Length: > 0 } given ? given : ["-"];
        var error = parsed.InvocationConfiguration.Error;
        if (WhyUnusable(parsed, files) is { } why)
        {
            await error.WriteLineAsync(why).ConfigureAwait(false);
            return ExitCode.Usage;
        }

        SelfLog.Enable(message => error.WriteLine(message));
        var settings = VerbSettings.Of(parsed);
        var flags = new Dictionary<string, string?>
        {
            ["LOG_CHANNEL"] = parsed.GetValue(Channel),
            ["LOG_SOURCE"] = parsed.GetValue(Source),
            ["LOG_SPOOL_DIRECTORY"] = parsed.GetValue(SpoolDirectory),
        };
        string? Get(string name) => flags.GetValueOrDefault(name) ?? settings.Get(name);
        var isFollowing = parsed.GetValue(Follow);
        var options = new TemporalSinkOptions
        {
            // Reading is faster than sending: the reader waits instead of dropping. The end waits for the last batch as
            // long as Temporal takes any; when following is stopped, the next run sends the rest.
            Timeouts =
            {
                BackPressure = TimeSpan.FromMinutes(1),
                Close = isFollowing ? TimeSpan.FromSeconds(10) : TimeSpan.FromHours(1),
            },
        };
        var settled = settings.Read(_ => SinkOptionsReader.Settle(options, Get));
        FollowDirectory? following = null;
        if (isFollowing)
        {
            if (settled is { Durability: Durability.Memory } or { Fallback.Mode: not TemporalFallback.Spool })
                throw new ConfigurationException("LOG_DURABILITY or LOG_FALLBACK keeps records in memory; leave them "
                    + "unset with --follow, whose place in the file is kept with the records on disk.");
            following = OpenFollowing(settled, files[0]);
            flags["LOG_SPOOL_DIRECTORY"] = following.SpoolPath;
        }
        using var closingFollowing = following;
        var time = TimeProvider.System;
        var watch = Stopwatch.StartNew();
        var tally = new SendTally();
        var (maker, joiner) = Parts(parsed, time);
        var sink = settings.Read(_ => new TemporalSink(options, environment: Get));
        await using (sink.ConfigureAwait(false))
        {
            using var signals = new StopSignals(cancellationToken);
            var waitMax = isFollowing ? Timeout.InfiniteTimeSpan : settled.Timeouts.BackPressure;
            var sender = new EventSender(sink, maker, tally, EventSender.FillMaxOf(settled), waitMax, time);
            if (following is null)
            {
                await new FileSender(joiner, sender, tally, Console.OpenStandardInput)
                    .RunAsync(files, parsed.GetValue(Skip), signals.Token).ConfigureAwait(false);
            }
            else
            {
                using var follower = new FileFollower(Path.GetFullPath(files[0]), following.Places, joiner,
                    sender.SendAsync, sink.SyncSpool, error.WriteLine, time);
                tally.Trouble = await FollowAsync(follower, files[0], signals.Token).ConfigureAwait(false);
            }
            if (tally.Trouble is not null) await error.WriteLineAsync(tally.Trouble).ConfigureAwait(false);
        }
        tally.Write(parsed.InvocationConfiguration.Output, sink, maker, isFollowing, watch.Elapsed,
            settled.Limits.EventBytesMax);
        return tally.Trouble is null && SendTally.IsAllAccepted(sink.Stats) ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>What makes events of lines, as the flags say.</summary>
    internal static (EventMaker Maker, EventJoiner Joiner) Parts(ParseResult parsed, TimeProvider time) =>
        (new EventMaker(parsed.GetValue(Level) ?? LogEventLevel.Information, parsed.GetValue(Timestamp),
                parsed.GetValue(Json), parsed.GetValue(Channel) is not null, time),
            new EventJoiner(LinearRegex.Parse(Multiline.Name, parsed.GetValue(Multiline)).Expression, time));

    /// <returns>Null: what was given can be done.</returns>
    static string? WhyUnusable(ParseResult parsed, string[] files)
    {
        if (LinearRegex.Parse(Multiline.Name, parsed.GetValue(Multiline)).Problem is { } wrong) return wrong;
        if (parsed.GetValue(Json) && parsed.GetValue(Multiline) is not null)
            return "--json and --multiline exclude each other: each JSON object is one line.";
        var skip = parsed.GetValue(Skip);
        if (skip < 0) return $"--skip was {skip}; use the number of lines that were sent.";
        if (!parsed.GetValue(Follow)) return files.Select(WhyNoFile).FirstOrDefault(why => why is not null);
        if (files is ["-"]) return "--follow needs the FILE to follow; standard input is sent without it.";
        if (files.Length > 1) return $"--follow takes one FILE, and {files.Length} were given; run it once for each.";
        if (skip > 0) return "--skip goes with whole files; --follow goes on where it stopped by itself.";
        var path = Path.GetFullPath(files[0]);
        if (Directory.Exists(path)) return $"'{files[0]}' is a directory; name the file in it.";
        return Directory.Exists(Path.GetDirectoryName(path)) ? null
            : $"There is no directory '{Path.GetDirectoryName(path)}' for '{files[0]}'.";
    }

    static string? WhyNoFile(string file)
    {
        if (file == "-" || File.Exists(file)) return null;
        return Directory.Exists(file) ? $"'{file}' is a directory; name the files in it."
            : $"There is no file '{file}'; name existing files, or '-' for standard input.";
    }

    static FollowDirectory OpenFollowing(TemporalSinkOptions settled, string file)
    {
        try
        {
            return new FollowDirectory(settled.SpoolDirectory!, Path.GetFullPath(file));
        }
        catch (InvalidDataException e)
        {
            throw new IOException(e.Message, e);
        }
        catch (Exception e) when (e is IOException and not DirectoryOwnedException or UnauthorizedAccessException)
        {
            throw SinkStorage.Unusable(settled.SpoolDirectory!, e);
        }
    }

    static async Task<string?> FollowAsync(FileFollower follower, string file, CancellationToken stop)
    {
        try
        {
            return await follower.RunAsync(stop).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"'{file}' cannot be followed: {e.Message}";
        }
    }
}
