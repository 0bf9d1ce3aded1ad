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
    static readonly Option<bool> Yes = new("--yes") { Description =
        "Do it; without this it is only said what would go." };

    public static Command Create()
    {
        var list = new Command("list", "Names each destination for which something lies there.") { VerbSettings.Output };
        list.SetAction(List);
        var move = new Command("move",
            "Moves what waits for another destination to this configuration's, whose applications send it.") { Folder };
        move.SetAction(Move);
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

    /// <returns>False: what was named is not there, and that is said.</returns>
    static bool IsThere(ParseResult parsed)
    {
        if (parsed.GetValue(Directory) is not { } given || System.IO.Directory.Exists(given)) return true;
        parsed.InvocationConfiguration.Error.WriteLine(
            Terminal.Printable($"There is no directory '{given}'; name the spool with --spool-directory."));
        return false;
    }

    static int List(ParseResult parsed)
    {
        if (!IsThere(parsed)) return ExitCode.Usage;
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
                Shown(folder.KeyId), folder.Records is { } records ? $"{records}" : "?", $"{folder.InUse}", $"{folder.Bytes}",
                folder.IsOwn ? "this configuration" : "others");
        Terminal.Output.Write(table);
        foreach (var folder in folders.Where(folder => folder.Problem is not null))
            output.WriteLine(Terminal.Printable($"{folder.Name}: {RecordsOf(folder)}"));
        return ExitCode.Done;
    }

    static int Move(ParseResult parsed)
    {
        if (Find(parsed) is not var (spool, folder)) return ExitCode.Usage;
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var shown = Terminal.Printable(folder.Name);
        if (folder.IsOwn)
        {
            error.WriteLine($"{shown} is this configuration's own folder: its applications send what waits there.");
            return ExitCode.Usage;
        }
        try
        {
            var (records, inUse) = spool.Move(folder.Name);
            output.WriteLine($"{shown}: {Records(records)} moved to {Terminal.Printable(spool.OwnFolder)}");
            return Ended(parsed, inUse);
        }
        catch (InvalidDataException e)
        {
            error.WriteLine(Terminal.Printable($"{shown} stays: {e.Message}"));
            return ExitCode.Failed;
        }
    }

    static int Purge(ParseResult parsed)
    {
        if (Find(parsed) is not var (spool, folder)) return ExitCode.Usage;
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        if (!parsed.GetValue(Yes))
        {
            output.WriteLine(Terminal.Printable($"{folder.Name} ({DestinationOf(folder)}): {RecordsOf(folder)}; "
                + $"{folder.Bytes} bytes. All that no process has in use would be removed for good."));
            error.WriteLine("Nothing was done; add --yes.");
            return ExitCode.Usage;
        }
        var (records, inUse) = spool.Purge(folder.Name);
        output.WriteLine(Terminal.Printable(
            $"{folder.Name}: {(records is { } count ? Records(count) : "records that cannot be counted")} removed"));
        return Ended(parsed, inUse);
    }

    /// <returns>Null: it is not there, and that is said.</returns>
    static (SpoolInventory Spool, SpoolFolder Folder)? Find(ParseResult parsed)
    {
        if (!IsThere(parsed)) return null;
        var spool = Open(parsed);
        // As a shell completes it.
        var name = System.IO.Path.TrimEndingDirectorySeparator(parsed.GetValue(Folder)!);
        if (spool.List().FirstOrDefault(folder => folder.Name == name) is { } found) return (spool, found);
        parsed.InvocationConfiguration.Error.WriteLine(Terminal.Printable(
            $"No folder '{name}' is in the spool {spool.Path}; 'logworker spool list' names them."));
        return null;
    }

    static int Ended(ParseResult parsed, int inUse)
    {
        if (inUse == 0) return ExitCode.Done;
        parsed.InvocationConfiguration.Error.WriteLine(
            inUse == 1 ? "1 running process uses a directory there, which stays."
            : $"{inUse} running processes use directories there, which stay.");
        return ExitCode.Failed;
    }

    static string DestinationOf(SpoolFolder folder) => folder.Address is null
        ? "of an earlier version, for a destination that is not known"
        : $"namespace {folder.Namespace} at {folder.Address}, queue {folder.TaskQueue}, "
            + (folder.KeyId is { } key ? $"key {key}" : "no key");

    static string RecordsOf(SpoolFolder folder)
    {
        if (folder.Records is { } count) return $"{Records(count)} wait";
        var which = folder.MissingKey is { } key ? $", the key '{key}' is missing" : "";
        return $"its records cannot be counted{which}: {folder.Problem}";
    }

    static string Records(long count) => count == 1 ? "1 record" : $"{count} records";

    static string Shown(string? text) => Markup.Escape(Terminal.Printable(text ?? "-"));
}
