using System.CommandLine;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Verify;
using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>Compares a log directory with its ledger; a worker may be writing there meanwhile.</summary>
static class VerifyCommand
{
    static readonly Option<string[]> Directory = new("--directory")
    {
        Description =
            "The log directory; LOG_DIRECTORY, else logs. Several are looked at together, and so are those of "
            + "workers below one.",
        AllowMultipleArgumentsPerToken = true,
    };
    static readonly Option<string?> Acks = new("--acks") { Description =
        "A sender's log of what was accepted: lines of source/instance/number or source/instance/first-last." };
    static readonly Option<bool> Shared =
        new("--shared") { Description =
            "Other workers take a part of the batches: missing numbers are no loss unless the sender's log has them, "
            + "and order is not looked at." };

    public static Command Create()
    {
        var command = new Command("verify",
            "Looks for lost, duplicate, reordered and corrupt records in the log directory; ends with 0 when there "
            + "are none.")
        {
            Directory, Acks, Shared, VerbSettings.Output,
        };
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var variables = VerbSettings.Of(parsed).Read(variables => variables);
        string[] given = parsed.GetValue(Directory) is { Length: > 0 } named
            ? named
            : [LogDirectories.Configured(variables)];
        if (given.Select(LogDirectories.WhyMissing).FirstOrDefault(why => why is not null) is { } missing) return Refuse(parsed, missing);
        if (parsed.GetValue(Acks) is { } log && !File.Exists(log))
            return Refuse(parsed, $"There is no file '{log}'; name the sender's log with --acks.");
        VerifyReport report;
        try
        {
            var acks = parsed.GetValue(Acks) is { } file ? AckLog.Read(File.ReadAllText(file)) : null;
            report = Verifier.Run([.. given.SelectMany(LogDirectories.WithWorkers)
                .Select(path => new Verifier(new PhysicalDirectory(path), new LogWriterOptions())
            {
                IsShared = parsed.GetValue(Shared),
                Acknowledged = acks,
                DeadLetters = DeadLettersOf(variables, path),
            })]);
        }
        catch (FormatException e)
        {
            return Refuse(parsed, e.Message);
        }
        if (parsed.GetValue(VerbSettings.Output) == OutputForm.Json)
            parsed.InvocationConfiguration.Output.WriteLine(
                JsonSerializer.Serialize(report, CliJson.Default.VerifyReport));
        else Show(Terminal.Output, report);
        return report.IsClean ? ExitCode.Done : ExitCode.Failed;
    }

    static IEnumerable<(BatchId Batch, long Count)> DeadLettersOf(
        IReadOnlyDictionary<string, string> variables, string logDirectory)
    {
        var path = variables.GetValueOrDefault("LOG_DEAD_LETTER_DIRECTORY")
            ?? Path.Combine(logDirectory, DeadLetterBox.DirectoryName);
        return System.IO.Directory.Exists(path)
            ? new DeadLetterBox(() => new PhysicalDirectory(path), 0).Numbers() : [];
    }

    static int Refuse(ParseResult parsed, string sentence)
    {
        parsed.InvocationConfiguration.Error.WriteLine(sentence);
        return ExitCode.Usage;
    }

    static void Show(IAnsiConsole console, VerifyReport report)
    {
        var table = new Table().Border(TableBorder.Simple)
            .AddColumns("Channel", "Source", "Records", "Lost", "Duplicate", "Reordered", "Corrupt");
        foreach (var row in report.Channels)
            table.AddRow(Terminal.Sanitize(row.Channel.Length == 0 ? "-" : row.Channel),
                Terminal.Sanitize(row.Source.Length == 0 ? "-" : row.Source),
                Figures.Count(row.Records), Fault(row.Lost), Fault(row.Duplicate), Fault(row.Reordered), Fault(row.Corrupt));
        console.Write(table);
        foreach (var example in report.Examples)
            console.MarkupLine(Terminal.Sanitize($"{example.Kind,-10} {example.Where}  {example.What}"));
        console.MarkupLine(Terminal.Sanitize(
            $"{Figures.Count(report.Records)} records in {report.Files} files, {Figures.Count(report.Bytes)} bytes; "
            + $"{Figures.Count(report.Receipts)} batches written, {report.Unfinished} being written, "
            + $"{report.Removed} whose files are gone; {Figures.Count(report.DeadLettered)} records in dead letters"));
        if (report.Filtered > 0)
            console.MarkupLine(Terminal.Sanitize(
                $"{Figures.Count(report.Filtered)} records were not written because of their level"));
        if (report.TextRecords > 0)
            console.MarkupLine(Terminal.Sanitize($"{Figures.Count(report.TextRecords)} records are text: held against "
                + $"receipts and checksums; duplicates and order cannot be seen in them"));
        if (report.Acknowledged is { } acknowledged)
            console.MarkupLine(Terminal.Sanitize(
                $"{Figures.Count(acknowledged)} records were accepted, by their sender's log"));
        if (report.LedgerDamagedBytes > 0)
            console.MarkupLine(Terminal.Sanitize(
                $"{report.LedgerDamagedBytes} bytes of the ledger belong to no record"));
        var faults = $"{report.Lost} lost, {report.Duplicate} duplicate, {report.Reordered} reordered, {report.Corrupt} corrupt";
        console.MarkupLine(report.IsClean ? "[green]clean[/]" : $"[red]{Terminal.Sanitize(faults)}[/]");
    }

    static string Fault(long count) => count == 0 ? "0" : $"[red]{Figures.Count(count)}[/]";
}
