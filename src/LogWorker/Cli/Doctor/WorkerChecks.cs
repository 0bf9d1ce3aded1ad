using System.Net;
using System.Net.Sockets;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Web;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>The worker that runs with these settings, its port, and what it left in dead letters.</summary>
sealed class WorkerChecks(LogWorkerOptions options)
{
    readonly string _directory = Path.GetFullPath(options.Directory);

    // Asked once, by the first check.
    (HttpStatusCode? Status, string Text) _answer;
    StatsAnswer? _stats;

    public async Task<CheckResult> PortAsync(CancellationToken cancellationToken)
    {
        if (!options.Web.IsServed) return CheckResult.Skipped("Port", "LOG_HTTP_PORT is off.");
        if (options.Web.Port == 0) return CheckResult.Skipped("Port", "LOG_HTTP_PORT is 0: the worker takes any that is free.");
        using (var client = WorkerClient.Of(options.Web))
            _answer = await client.GetAsync("/api/stats", cancellationToken).ConfigureAwait(false);
        _stats = WorkerClient.TryRead(_answer.Status, _answer.Text, StatsJson.Default.StatsAnswer);
        var address = new IPEndPoint(IPAddress.Parse(options.Web.Ip), options.Web.Port ?? WebOptions.DefaultPort);
        if (_stats is not null) return CheckResult.Ok("Port", $"A worker answers at {address}.");
        if (_answer.Status == HttpStatusCode.Unauthorized && _answer.Text.Contains("Bearer", StringComparison.Ordinal))
            return CheckResult.Failed("Port", $"What answers at {address} takes another token: {_answer.Text.Trim()}",
                "Set LOG_HTTP_TOKEN to that of the worker.");
        if (WhyTaken(address) is not { } why) return CheckResult.Ok("Port", $"{address} is free.");
        var found = $"{address} is taken by a program that is no worker of these settings ({why}).";
        return options.Web.Port is null
            ? CheckResult.Warning("Port", found, "A worker takes any free port then, and says so at its start; set LOG_HTTP_PORT to one.")
            : CheckResult.Failed("Port", found,
                $"See whose it is ('ss -ltnp sport = :{address.Port}'), then end that program or set LOG_HTTP_PORT to another port.");
    }

    public CheckResult Worker()
    {
        var isOwned = Directory.Exists(_directory) && new PhysicalDirectory(_directory).IsOwned;
        var other = _stats?.Writer.Directory is { } elsewhere && elsewhere != _directory ? elsewhere : null;
        // With the default port a second worker on a machine has another one.
        if (isOwned && (_stats is null || other is not null))
            return CheckResult.Warning("Worker", $"A worker has {_directory}; it does not answer, so that no more is known of it.",
                "Set LOG_HTTP_PORT and LOG_HTTP_TOKEN to those of that worker.");
        if (_stats is not { } stats)
            return CheckResult.Failed("Worker", $"No worker runs for {_directory}.", "Start it: 'logworker --daemon'.");
        var who = $"logworker {stats.Worker.Version}, {stats.Worker.Identity}, since {stats.Worker.StartedAt:u}";
        if (other is not null)
            return CheckResult.Failed("Worker", $"The worker that answers writes to {other}, and not to {_directory}.",
                "Run this with the worker's own variables, or set LOG_DIRECTORY and LOG_HTTP_PORT to belong together.");
        if (stats.Writer is { IsReady: false, Problem: { } trouble })
            return CheckResult.Failed("Worker", $"{who}: {trouble}",
                "Mend that; the worker goes on by itself, and batches wait in Temporal.");
        if (stats.Temporal is { IsReached: false, Problem: { } problem })
            return CheckResult.Failed("Worker", $"{who}: {problem}", "Do what the sentence says; the worker goes on by itself.");
        return (stats.Temporal.Address, stats.Temporal.Namespace, stats.Temporal.TaskQueue)
            == (options.Address, options.Namespace, options.TaskQueue)
            ? CheckResult.Ok("Worker", $"{who}, ready")
            : CheckResult.Warning("Worker",
                $"{who}, ready; it takes batches of {stats.Temporal.TaskQueue} in {stats.Temporal.Namespace} at "
                + $"{stats.Temporal.Address}, and these settings name {options.TaskQueue} in {options.Namespace} at {options.Address}.",
                "Run this with the worker's own variables, or restart the worker with these.");
    }

    public CheckResult Canary()
    {
        if (_stats?.Writer.Directory != _directory || _stats.Canary is not { Last: { } last } canary)
            return CheckResult.Skipped("Canary", "The worker has sent none (LOG_CANARY_INTERVAL); 'logworker canary' sends one.");
        var seconds = last.Stages().Select(stage => stage.Seconds).DefaultIfEmpty().Max();
        return last.Problem is { } problem
            ? CheckResult.Failed("Canary", $"{last.Batch} of {last.At:u} is missing: {problem}",
                "See which stage it did not come to with 'logworker canary'.")
            : CheckResult.Ok("Canary",
                $"{last.Batch} of {last.At:u} came through in {seconds.ToString("0.00", CultureInfo.InvariantCulture)} s; "
                + $"{canary.Missing} of {canary.Sent} were missing");
    }

    public CheckResult DeadLetters()
    {
        var path = options.DeadLetterDirectory ?? Path.Combine(_directory, LogPipeline.Worker.DeadLetters.DeadLetterBox.DirectoryName);
        var letters = Directory.Exists(path) ? options.OpenDeadLetters().List() : [];
        if (letters.Count == 0) return CheckResult.Ok("Dead letters", "There are none.");
        var reason = letters.Select(letter => letter.Problem ?? letter.Head?.Parts.FirstOrDefault()?.Reason).First();
        return CheckResult.Warning("Dead letters", $"{letters.Count} in {path}; the first: {reason}",
            "Look at them with 'logworker dead-letters list', then retry or purge them.");
    }

    static string? WhyTaken(IPEndPoint address)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(address);
            socket.Listen();
            return null;
        }
        catch (SocketException e)
        {
            return e.Message.TrimEnd('.');
        }
    }
}
