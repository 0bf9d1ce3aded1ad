using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace LogPipeline.Worker.Cli;

/// <summary>Help as System.CommandLine gives it, with examples behind it.</summary>
sealed class HelpExamples(HelpAction help) : SynchronousCommandLineAction
{
    /// <summary>By the verb as it is typed; empty: the program without one.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> All = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        [""] = ["logworker --daemon", "LOG_DIRECTORY=/var/log/pipeline logworker --once"],
        ["send"] = ["logworker send app.log", "journalctl -f -o cat | logworker send --channel journal", "logworker send --follow app.log"],
        ["tail"] = ["logworker tail --follow", "logworker tail --channel app,payments --level warning --last 100",
            "logworker tail --since 10m --grep OrderId=4712 -o jsonl"],
        ["spool"] = ["logworker spool list", "logworker spool purge --help"],
        ["spool list"] = ["logworker spool list", "logworker spool list --output json"],
        ["spool move"] = ["logworker spool move FOLDER"],
        ["spool purge"] = ["logworker spool purge FOLDER --yes"],
        ["verify"] = ["logworker verify", "logworker verify --directory /var/log/pipeline --output json"],
        ["dead-letters"] = ["logworker dead-letters list", "logworker dead-letters retry --all --yes"],
        ["dead-letters list"] = ["logworker dead-letters list", "logworker dead-letters list --output json"],
        ["dead-letters show"] = ["logworker dead-letters show NAME", "logworker dead-letters show NAME --raw > letter.json"],
        ["dead-letters retry"] = ["logworker dead-letters retry NAME --yes", "logworker dead-letters retry --all --yes"],
        ["dead-letters purge"] = ["logworker dead-letters purge NAME --yes"],
        ["dead-letters keep"] = ["logworker dead-letters keep --all", "logworker dead-letters keep --all --yes"],
        ["status"] = ["logworker status", "logworker status --url http://worker:8234 --output json"],
        ["top"] = ["logworker top", "logworker top --interval 5s"],
        ["health"] = ["logworker health", "logworker health --live"],
        ["test-temporal"] = ["TEMPORAL_ADDRESS=temporal:7233 logworker test-temporal"],
        ["doctor"] = ["logworker doctor", "logworker doctor --output json"],
        ["canary"] = ["logworker canary"],
        ["bench"] = ["logworker bench", "logworker bench --records 100000"],
        ["config"] = ["logworker config show"],
        ["config show"] = ["logworker config show", "logworker config show --output json"],
        ["server"] = ["logworker server", "logworker server --port 7233 --db-filename temporal.db"],
        ["completion"] = ["logworker completion bash > ~/.local/share/bash-completion/completions/logworker"],
    };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = help.Invoke(parseResult);
        if (!All.TryGetValue(NameOf(parseResult.CommandResult.Command), out var examples)) return code;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in examples) output.WriteLine($"  {example}");
        output.WriteLine();
        output.WriteLine("Exit codes:");
        output.WriteLine("  0 done, 1 failed, 2 usage, 78 configuration");
        return code;
    }

    /// <summary>The verb and those that it is below, but for the program's name.</summary>
    public static string NameOf(Symbol command)
    {
        var parent = command.Parents.OfType<Command>().FirstOrDefault();
        return parent is null ? "" : $"{NameOf(parent)} {command.Name}".Trim();
    }
}
