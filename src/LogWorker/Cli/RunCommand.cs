using System.CommandLine;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Console;
using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>Runs the worker: at a terminal for a person, with <c>--daemon</c> for a service manager.</summary>
static class RunCommand
{
    public static readonly Option<bool> Daemon = new("--daemon")
    {
        Description = "Run as a service: log lines for a journal, systemd notification, SIGTERM drains.",
    };

    public static readonly Option<bool> Once = new("--once")
    {
        Description =
            "Write what is waiting, then end: with 0 when nothing is left, with 1 when something is that cannot be "
            + "written now.",
    };

    public static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        if (arguments.GetValue(Once) && arguments.GetValue(Daemon))
        {
            arguments.InvocationConfiguration.Error.WriteLine("--once and --daemon exclude each other: leave out one.");
            return ExitCode.Usage;
        }
        var (options, connection) = VerbSettings.Of(arguments).Read(LogWorkerOptions.Read);
        options = options with { Once = arguments.GetValue(Once) };
        // Nobody looks at a run that ends by itself, unless they asked for it.
        if (options is { Once: true, Web.Port: null }) options = options with { Web = options.Web with { IsServed = false } };
        var isForPeople = !options.Once && !arguments.GetValue(Daemon);
        if (isForPeople) PrintIntroduction(Terminal.Output, options);
        return await WorkerHost.RunAsync(options, connection, isForPeople ? LogForPeople : LogForJournal,
            cancellationToken).ConfigureAwait(false) ? ExitCode.Done : ExitCode.Failed;
    }

    static void LogForPeople(ILoggingBuilder logging) =>
        logging.Services.AddSingleton<ILoggerProvider>(new ConsoleLogger(Terminal.Output, TimeProvider.System));

    static void LogForJournal(ILoggingBuilder logging)
    {
        // Under systemd lines carry syslog priorities, and the journal knows the time.
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 }) logging.AddSystemdConsole();
        else logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            console.ColorBehavior = LoggerColorBehavior.Disabled;
        });
    }

    static void PrintIntroduction(IAnsiConsole console, LogWorkerOptions options)
    {
        console.MarkupLine($"[bold]{Markup.Escape(ProductVersion.Text)}[/]");
        console.MarkupLine(Markup.Escape($"Takes batches of log records from Temporal at {options.Address} "
            + $"(namespace {options.Namespace}, task queue {options.TaskQueue})"));
        console.MarkupLine(Markup.Escape($"and writes each exactly once to "
            + $"{Path.GetFullPath(options.Directory)}/<channel>/<day>.<nnn>.clef. Ctrl+C stops it when all it took "
            + $"is written."));
    }
}
