using System.CommandLine;
using LogPipeline.Worker.Formats;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>Shows records of the log files, also where no worker runs.</summary>
static class TailCommand
{
    const int LastByDefault = 10;
    const int LastMax = 100_000;

    static readonly Option<string[]> Channel = new("--channel")
    {
        Description = "Only these channels; all.", HelpName = "A,B", AllowMultipleArgumentsPerToken = false,
    };
    static readonly Option<string?> Level = new("--level")
    {
        Description = "This level and above.", HelpName = "trace|debug|info|warning|error|fatal",
    };
    static readonly Option<string?> Grep = new("--grep")
    {
        Description = "Records in whose message, exception or fields (name=value) this expression matches somewhere.",
        HelpName = "REGEX",
    };
    static readonly Option<string?> Since = new("--since")
    {
        Description = "Records of so long ago or less, such as 10m, 2h or 1d, or of a time or later, such as 2026-11-21T10:00Z.",
        HelpName = "TIME",
    };
    static readonly Option<int?> Last = new("--last")
    {
        Description = $"So many records, the last ones that fit; {LastByDefault}, and with --since all.", HelpName = "N",
    };
    static readonly Option<bool> Follow = new("--follow", "-f")
    {
        Description = "Shows what is added, from file to file, until Ctrl+C.",
    };
    static readonly Option<TailForm> Output = new("--output", "-o")
    {
        Description = "For people (text, the default), as one array (json), or an object a line as in the file (jsonl).",
        HelpName = "text|json|jsonl",
    };
    static readonly Option<string?> Directory = new("--directory")
    {
        Description = "The log directory, or the one above those of several workers; LOG_DIRECTORY, else logs.", HelpName = "DIR",
    };

    public static Command Create()
    {
        var command = new Command("tail", "Shows the last records of the log files, merged by time, and what is added to them.")
        {
            Channel, Level, Grep, Since, Last, Follow, Output, Directory,
        };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var error = parsed.InvocationConfiguration.Error;
        var path = parsed.GetValue(Directory) ?? LogDirectories.Configured(VerbSettings.Of(parsed).Read(variables => variables));
        var (query, why) = QueryOf(parsed, TimeProvider.System.GetUtcNow());
        if ((why ?? LogDirectories.WhyMissing(path)) is { } wrong) return await RefuseAsync(error, wrong).ConfigureAwait(false);
        string[] named = [.. (parsed.GetValue(Channel) ?? []).SelectMany(names =>
            names.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
        StoreDirectory[] roots = [.. LogDirectories.WithWorkers(path).Select(one => new PhysicalDirectory(one))];
        var chosen = new ChosenChannels(roots, named);
        if (chosen.WhyMissing(path) is { } missing)
        {
            if (!parsed.GetValue(Follow)) return await RefuseAsync(error, missing).ConfigureAwait(false);
            await error.WriteLineAsync(Terminal.Printable($"{missing} It is waited for.")).ConfigureAwait(false);
        }
        using var signals = new StopSignals(cancellationToken);
        using var output = LineOutput.Of(parsed.InvocationConfiguration.Output);
        var printer = new RecordPrinter(output, parsed.GetValue(Output),
            named.Length == 1 ? null : [.. chosen.Find().Select(found => found.Channel)]);
        var countMax = parsed.GetValue(Last) ?? (query!.Since is null ? LastByDefault : null);
        using var tail = new TailRun(chosen, query!, printer, output, new TailNotices(error), TimeProvider.System, signals.Token);
        try
        {
            tail.ShowWhatIsThere(countMax);
            if (parsed.GetValue(Follow)) await tail.FollowAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            // Whoever looks at records ends that when they have seen enough.
        }
        return ExitCode.Done;
    }

    static async Task<int> RefuseAsync(TextWriter error, string sentence)
    {
        await error.WriteLineAsync(Terminal.Printable(sentence)).ConfigureAwait(false);
        return ExitCode.Usage;
    }

    /// <returns>What is asked, or what is wrong with it.</returns>
    static (TailQuery? Query, string? Problem) QueryOf(ParseResult parsed, DateTimeOffset now)
    {
        var level = RecordLevels.Parse(parsed.GetValue(Level));
        if (level is null && parsed.GetValue(Level) is { } noLevel)
            return (null, $"--level was '{noLevel}'; use trace, debug, info, warning, error or fatal.");
        var since = TimeOf(parsed.GetValue(Since), now);
        if (since is null && parsed.GetValue(Since) is { } noTime)
            return (null, $"--since was '{noTime}'; use a time ago such as 10m, 2h or 1d, or a time such as 2026-11-21 or "
                + "2026-11-21T10:00:00Z.");
        if (parsed.GetValue(Last) is { } last and (< 0 or > LastMax))
            return (null, $"--last was {last}; use a number from 0 to {LastMax}.");
        if (parsed.GetValue(Follow) && parsed.GetValue(Output) == TailForm.Json)
            return (null, "--output json is one array, which has no end with --follow; use jsonl.");
        var (grep, problem) = LinearRegex.Parse(Grep.Name, parsed.GetValue(Grep));
        return problem is null ? (new TailQuery(level, since, grep), null) : (null, problem);
    }

    // A time without a zone is UTC, as those are that are shown.
    static DateTimeOffset? TimeOf(string? text, DateTimeOffset now)
    {
        if (text is null) return null;
        if (OptionText.TryParseDuration(text, out var ago) && ago < now - DateTimeOffset.UnixEpoch) return now - ago;
        return DateTimeOffset.TryParseExact(text, Forms, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
    }

    static readonly string[] Forms = [.. new[] { "yyyy-MM-dd", "yyyy-MM-ddTHH:mm", "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ss.FFFFFFF" }
        .SelectMany(form => (string[])[form, form + "K", form.Replace('T', ' '), form.Replace('T', ' ') + "K"])];
}
