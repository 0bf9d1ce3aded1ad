using System.CommandLine;
using LogPipeline.Workflows.Configuration;
using Spectre.Console;

namespace LogPipeline.Worker.Cli.Top;

/// <summary>Shows a running worker's figures, drawn anew each second.</summary>
static class TopCommand
{
    const int FrameWidth = 100;

    static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan IntervalMax = TimeSpan.FromMinutes(1);
    static readonly TimeSpan KeyInterval = TimeSpan.FromMilliseconds(50);

    static readonly Option<string> Interval = new("--interval")
    {
        Description = "The time between two drawings; 1s.", HelpName = "TIME", DefaultValueFactory = _ => "1s",
    };

    public static Command Create()
    {
        var command = new Command("top",
            "Shows a running worker's figures live: records a second, latency, what waits, dead letters, disk, Temporal, channels; "
            + "q ends it. Where the output is no terminal it shows them once.")
        {
            WorkerClient.Url, Interval,
        };
        command.SetAction((parsed, cancellationToken) => WorkerClient.UseAsync(parsed, RunAsync, cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, WorkerClient client, CancellationToken cancellationToken)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var given = parsed.GetValue(Interval)!;
        if (!OptionText.TryParseDuration(given, out var interval) || interval < IntervalMin || interval > IntervalMax)
        {
            await error.WriteLineAsync($"--interval was '{given}'; use a time from {OptionText.Duration(IntervalMin)} to "
                + $"{OptionText.Duration(IntervalMax)}, such as 1s.").ConfigureAwait(false);
            return ExitCode.Usage;
        }
        var (time, history) = (TimeProvider.System, new TopHistory());
        if (Console.IsOutputRedirected || !ReferenceEquals(output, Console.Out))
        {
            await AskAsync(client, history, time, cancellationToken).ConfigureAwait(false);
            if (history.Problem is not null)
            {
                await error.WriteLineAsync(Terminal.Printable(history.Problem)).ConfigureAwait(false);
                return ExitCode.Failed;
            }
            var frame = TopFrame.Of(history, client.Address, time.GetUtcNow(), FrameWidth);
            foreach (var line in TopScreen.Lines(frame, FrameWidth, ColorSystem.NoColors))
                await output.WriteLineAsync(line).ConfigureAwait(false);
            return ExitCode.Done;
        }
        using var signals = new StopSignals(cancellationToken);
        using var screen = new TopScreen();
        try
        {
            while (true)
            {
                var next = time.GetUtcNow() + interval;
                await AskAsync(client, history, time, signals.Token).ConfigureAwait(false);
                screen.Draw(TopFrame.Of(history, client.Address, time.GetUtcNow(), screen.Width));
                do
                {
                    if (IsQuit()) return ExitCode.Done;
                    await Task.Delay(KeyInterval, time, signals.Token).ConfigureAwait(false);
                }
                while (time.GetUtcNow() < next);
            }
        }
        catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
        {
            return ExitCode.Done;
        }
    }

    static async Task AskAsync(WorkerClient client, TopHistory history, TimeProvider time, CancellationToken cancellationToken)
    {
        var (stats, text) = await client.GetStatsAsync(cancellationToken).ConfigureAwait(false);
        if (stats is null) history.Fail(text);
        else history.Add(stats, time.GetUtcNow());
    }

    static bool IsQuit()
    {
        while (!Console.IsInputRedirected && Console.KeyAvailable)
            if (Console.ReadKey(intercept: true) is { KeyChar: 'q' or 'Q' } or { Key: ConsoleKey.Escape }) return true;
        return false;
    }
}
