using System.CommandLine;
using System.Diagnostics;
using LogPipeline.Publisher;
using Serilog.Debugging;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Worker.Cli;

/// <summary>
/// Sends each line of files or of standard input as one event through the sink, and reports where every line is.
/// A message is the line to the byte, with all but the line feed that ends it.
/// </summary>
static class SendCommand
{
    static readonly Argument<string[]> Files = new("FILE")
    {
        Description = "Files to send, in this order; '-' or none: standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    static readonly Option<string?> Channel =
        new("--channel") { Description = "The channel of the lines; LOG_CHANNEL, else app." };
    static readonly Option<string?> Source =
        new("--source") { Description = "The name of their source; LOG_SOURCE, else logworker." };
    static readonly Option<string?> SpoolDirectory =
        new("--spool-directory") { Description = "Where lines wait while Temporal is away; LOG_SPOOL_DIRECTORY." };
    static readonly Option<LogEventLevel> Level = new("--level") { Description =
        "The level of the lines.", DefaultValueFactory = _ => LogEventLevel.Information };

    public static Command Create()
    {
        var command = new Command("send",
            "Sends each line of files or of standard input to Temporal; ends with 0 only when all were accepted.")
        {
            Files, Channel, Level, Source, SpoolDirectory,
        };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var files = parsed.GetValue(Files) is { Length: > 0 } given ? given : ["-"];
        var error = parsed.InvocationConfiguration.Error;
        foreach (var file in files)
        {
            if (file == "-" || File.Exists(file)) continue;
            await error.WriteLineAsync($"There is no file '{file}'; name existing files, or '-' for standard input.")
                .ConfigureAwait(false);
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
        var options = new TemporalSinkOptions
        {
            // Reading is faster than sending: the reader waits instead of dropping, and the end waits for the last
            // batch as long as Temporal takes any.
            Timeouts = { BackPressure = TimeSpan.FromMinutes(1), Close = TimeSpan.FromHours(1) },
        };
        var sink = settings.Read(_ =>
            new TemporalSink(options, environment: name => flags.GetValueOrDefault(name) ?? settings.Get(name)));
        var watch = Stopwatch.StartNew();
        var (lines, cut) = (0L, 0);
        await using (sink.ConfigureAwait(false))
        {
            foreach (var file in files)
            {
                var stream = file == "-" ? Console.OpenStandardInput() : File.OpenRead(file);
                await using var closing = stream.ConfigureAwait(false);
                var reader = new LineReader(stream);
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false) is { } line)
                {
                    sink.Emit(EventOf(line, parsed.GetValue(Level), TimeProvider.System.GetUtcNow()));
                    lines++;
                }
                cut += reader.LinesCut;
            }
        }
        return WriteSummary(parsed, sink, lines, cut, watch.Elapsed);
    }

    /// <summary>An event whose message is the text itself: braces in it are no placeholders.</summary>
    internal static LogEvent EventOf(string text, LogEventLevel level, DateTimeOffset time)
    {
        var template = text.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);
        return new LogEvent(time, level, null, new MessageTemplate(template, [new TextToken(text)]), []);
    }

    static int WriteSummary(ParseResult parsed, TemporalSink sink, long lines, int cut, TimeSpan took)
    {
        var stats = sink.Stats;
        var output = parsed.InvocationConfiguration.Output;
        output.WriteLine($"{lines} {(lines == 1 ? "line" : "lines")} sent as {sink.Source}/{sink.Instance} in "
            + $"{took.TotalSeconds:0.00} s ({lines / Math.Max(took.TotalSeconds, 0.001):0} lines/s)");
        output.WriteLine($"accepted by Temporal  {stats.Accepted}");
        if (stats.Adopted > 0) output.WriteLine($"  of earlier runs     {stats.Adopted} found in the spool");
        if (stats.Notices > 0)
            output.WriteLine($"  of the sink's own   {stats.Notices} (warnings and summaries, in the stream)");
        if (stats.Filtered > 0)
            output.WriteLine($"kept back             {stats.Filtered} "
                + $"({string.Join(", ", stats.FilteredByReason.Select(f => $"{f.Value} {f.Key}"))})");
        output.WriteLine($"in the spool          {stats.Spooled}");
        if (stats.WrittenToFiles > 0) output.WriteLine($"written to files      {stats.WrittenToFiles}");
        if (stats.SetAside > 0) output.WriteLine($"refused, set aside    {stats.SetAside}");
        var reasons = string.Join(", ", stats.DroppedByReason.Select(d => $"{d.Value} {d.Key}"));
        output.WriteLine($"dropped               {stats.Dropped}{(stats.Dropped == 0 ? "" : $" ({reasons})")}");
        if (cut > 0) output.WriteLine($"lines over 1 MiB, cut {cut}");
        if (stats.Spooled > 0)
            output.WriteLine("What is in the spool is safe on this disk and is sent by the next run, or by any "
                + "application that uses the same spool directory.");
        if (stats.LastError is { } error) output.WriteLine($"Last error: {error}");
        // What the spool holds is accepted: it is on disk, and goes to Temporal without the caller.
        return stats is { SetAside: 0, Dropped: 0, Queued: 0 } ? ExitCode.Done : ExitCode.Failed;
    }
}
