using System.Runtime.CompilerServices;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Configuration;
using Temporalio.Client;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>All that can be wrong with a worker's set-up, in the order in which it is met.</summary>
static class DoctorChecks
{
    public const string Configuration = "Configuration";

    /// <summary>Runs all checks; those of this machine, of Temporal and of Loki side by side.</summary>
    /// <param name="settings">What the worker is told.</param>
    /// <param name="time">This machine's clock.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public static async IAsyncEnumerable<CheckResult> RunAsync(WorkerSettings settings, TimeProvider time,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var groups = GroupsOf(settings, time)
            .Select(checks => SetupCheck.RunAllAsync(checks, cancellationToken).ToListAsync(cancellationToken)).ToList();
        foreach (var group in groups)
            foreach (var result in await group.ConfigureAwait(false)) yield return CheckReport.WithoutSecrets(result, settings);
    }

    static IEnumerable<IReadOnlyList<SetupCheck>> GroupsOf(WorkerSettings settings, TimeProvider time)
    {
        (LogWorkerOptions Options, TemporalClientConnectOptions Connection)? read = null;
        TemporalTarget? target = null;
        ConfigurationException? wrong = null;
        try
        {
            target = TemporalTarget.Read(settings);
        }
        catch (ConfigurationException e)
        {
            wrong = e;
        }
        try
        {
            read = settings.Read(LogWorkerOptions.Read);
        }
        catch (ConfigurationException e)
        {
            wrong = e;
        }
        yield return wrong is null
            ? [SetupCheck.Of(Configuration, () => CheckResult.Ok(Configuration, SourcesOf(settings)))]
            : [.. wrong.Errors.Select(error => SetupCheck.Of(Configuration, () => Wrong(error)))];
        if (read is var (options, connection))
        {
            var worker = new WorkerChecks(options);
            yield return
            [
                SetupCheck.Of("Directory", () => DirectoryChecks.Logs(options)),
                SetupCheck.Of("Disk", () => DirectoryChecks.Disk(options)),
                SetupCheck.Of("Spool", () => DirectoryChecks.Spool(settings)),
                SetupCheck.Of("Keys", () => SecretChecks.Keys(options, settings)),
                SetupCheck.Of("Certificates", () => SecretChecks.Certificates(options, connection, time)),
                new("Port", worker.PortAsync),
                SetupCheck.Of("Worker", worker.Worker),
                SetupCheck.Of("Canary", worker.Canary),
                SetupCheck.Of("Dead letters", worker.DeadLetters),
            ];
        }
        // What is wrong with the rest does not keep it from being of use.
        if (target is not null) yield return TemporalChecks.Of(target, settings, time);
        if (read is not { } told) yield break;
        var loki = new LokiChecks(told.Options.Loki, time);
        var push = new SetupCheck("Loki", loki.PushAsync);
        yield return told.Options.Loki is null ? [push] : [push, SetupCheck.Of("Loki's clock", loki.Clock)];
    }

    public static CheckResult Wrong(string error) => CheckResult.Failed(Configuration, error,
        "Correct it; 'logworker config show' lists what holds and where it comes from.");

    static string SourcesOf(WorkerSettings settings)
    {
        var from = WorkerOption.All.GroupBy(option => settings.SourceOf(option.Variable) is { } source
                ? source == option.Variable ? "variables" : source : "default", StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
        from.Remove("default");
        return from.Count == 0 ? "Every option has its default."
            : $"{string.Join(", ", from.Select(one => $"{one.Value} options from {one.Key}"))}; the others have their defaults.";
    }
}
