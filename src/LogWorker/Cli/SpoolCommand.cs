using System.CommandLine;
using LogPipeline.Publisher;
using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>Shows what lies in an application's spool, and for whom; moves it to where it will be sent, or removes it.</summary>
static class SpoolCommand
{
    static readonly Argument<string> Folder = new("FOLDER") { Description = "A folder's name, from the list." };
    static readonly Option<string?> Directory = new("--spool-directory")
    {
        Description = "The spool; LOG_SPOOL_DIRECTORY.",
        HelpName = "DIR",
        Recursive = true,
    };
    static readonly Option<bool> Yes = new("--yes") { Description = "Do it; without this nothing is removed." };

    public static Command Create()
    {
        var list = new Command("list", "Names each destination for which something lies there.") { VerbSettings.Output };
        list.SetAction(List);
        var move = new Command("move",
            "Moves what waits for another destination to this configuration's, whose applications send it.") { Folder };
        move.SetAction(parsed => Act(parsed, (spool, name) => spool.Move(name), "moved"));
        var purge = new Command("purge", "Removes what waits for a destination, for good.") { Folder, Yes };
        purge.SetAction(Purge);
        return new Command("spool",
            "Records on this host's disk that Temporal has not accepted: they lie in LOG_SPOOL_DIRECTORY, apart by "
            + "address, namespace, task queue and key.") { Directory, list, move, purge };
    }

    static SpoolInventory Open(ParseResult parsed)
    {
        var settings = VerbSettings.Of(parsed);
        return settings.Read(_ => new SpoolInventory(environment: name =>
            name == "LOG_SPOOL_DIRECTORY" && parsed.GetValue(Directory) is { } given ? given : settings.Get(name)));
    }

    static int List(ParseResult parsed)
    {
        var spool = Open(parsed);
        var folders = spool.List();
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(VerbSettings.Output) == OutputForm.Json)
        {
            output.WriteLine(JsonSerializer.Serialize(folders, CliJson.Default.IReadOnlyListSpoolFolder));
            return ExitCode.Done;
        }
        if (folders.Count == 0)
        {
            output.WriteLine($"Nothing lies in the spool {Terminal.Printable(spool.Path)}.");
            return ExitCode.Done;
        }
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("Folder", "Address", "Namespace", "Queue", "Key", "Waiting", "In use", "Bytes", "Sent by");
        foreach (var folder in folders)
            table.AddRow(Shown(folder.Name), Shown(folder.Address), Shown(folder.Namespace), Shown(folder.TaskQueue),
                Shown(folder.KeyId), $"{folder.Records}", $"{folder.InUse}", $"{folder.Bytes}",
                folder.IsOwn ? "this configuration" : "others");
        Terminal.Output.Write(table);
        return ExitCode.Done;
    }

    static int Purge(ParseResult parsed)
    {
        if (parsed.GetValue(Yes)) return Act(parsed, (spool, name) => spool.Purge(name), "removed");
        parsed.InvocationConfiguration.Error.WriteLine("Nothing was done; add --yes.");
        return ExitCode.Usage;
    }

    static int Act(ParseResult parsed, Func<SpoolInventory, string, (int Done, int InUse)> act, string done)
    {
        var spool = Open(parsed);
        var name = parsed.GetValue(Folder)!;
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var shown = Terminal.Printable(name);
        if (spool.List().All(folder => folder.Name != name))
        {
            error.WriteLine($"No folder '{shown}' is in the spool {spool.Path}; 'logworker spool list' names them.");
            return ExitCode.Failed;
        }
        try
        {
            var (count, inUse) = act(spool, name);
            output.WriteLine($"{shown}: {count} {(count == 1 ? "directory" : "directories")} {done}");
            if (inUse == 0) return ExitCode.Done;
            error.WriteLine($"{inUse} are in use by running processes and stay.");
        }
        catch (InvalidDataException e)
        {
            error.WriteLine($"{shown} stays: {e.Message}");
        }
        return ExitCode.Failed;
    }

    static string Shown(string? text) => Markup.Escape(Terminal.Printable(text ?? "-"));
}

