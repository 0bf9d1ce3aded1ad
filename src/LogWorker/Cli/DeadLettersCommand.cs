using System.CommandLine;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Connecting;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Temporalio.Client;

namespace LogPipeline.Worker.Cli;

/// <summary>Shows dead letters, tries them again, removes them.</summary>
static class DeadLettersCommand
{
    const int PreviewLength = 2000;

    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    static readonly Argument<string> Name = new("NAME") { Description = "A letter's name, from the list." };
    static readonly Argument<string[]> Names =
        new("NAME") { Description = "Names from the list.", Arity = ArgumentArity.ZeroOrMore };
    static readonly Option<bool> All = new("--all") { Description = "Every letter." };
    static readonly Option<bool> Yes = new("--yes") { Description = "Do it; without this the letters are only named." };
    static readonly Option<bool> Raw = new("--raw") { Description = "The bytes alone, as they came." };

    public static Command Create()
    {
        var list = new Command("list", "Names all letters.") { VerbSettings.Output };
        list.SetAction(List);
        var show = new Command("show", "Says why a letter is dead, and shows its bytes.")
        {
            Name, Raw, VerbSettings.Output,
        };
        show.SetAction(Show);
        var retry = new Command("retry",
            "Sends a letter's records as a batch of their own; what still cannot be written becomes a letter again.") { Names, All, Yes };
        retry.SetAction(RetryAsync);
        var purge = new Command("purge", "Removes letters for good.") { Names, All, Yes };
        purge.SetAction(Purge);
        return new Command("dead-letters",
            "Records that could never be written: they lie in LOG_DEAD_LETTER_DIRECTORY, else "
            + "LOG_DIRECTORY/dead-letters.") { list, show, retry, purge, KeepCommand.Create(All, Yes) };
    }

    public static (LogWorkerOptions Options, TemporalClientConnectOptions Connection,
        DeadLetterBox Box) Open(ParseResult parsed)
    {
        var (options, connection) = VerbSettings.Of(parsed).Read(LogWorkerOptions.Read);
        return (options, connection, options.OpenDeadLetters());
    }

    static int List(ParseResult parsed)
    {
        var letters = Open(parsed).Box.List();
        if (parsed.GetValue(VerbSettings.Output) == OutputForm.Json)
        {
            parsed.InvocationConfiguration.Output.WriteLine(
                JsonSerializer.Serialize(letters, DeadLetterJson.Default.IReadOnlyListListedLetter));
            return ExitCode.Done;
        }
        var table = new Table().Border(TableBorder.Simple).AddColumns("Name", "Since", "Records", "Bytes", "Reason");
        foreach (var letter in letters)
            table.AddRow(Sanitize(letter.Name), letter.Head?.At.ToString("u", CultureInfo.InvariantCulture)
                ?? "-", $"{letter.Head?.RecordCount}", $"{letter.Bytes}",
                Sanitize(letter.Problem ?? letter.Head!.Parts.FirstOrDefault()?.Reason ?? ""));
        Terminal.Output.Write(table);
        return ExitCode.Done;
    }

    static int Show(ParseResult parsed)
    {
        var box = Open(parsed).Box;
        var name = parsed.GetValue(Name)!;
        if (!IsKnown(parsed, box, [name])) return ExitCode.Usage;
        if (Read(parsed, box, name) is not { } letter) return ExitCode.Failed;
        var output = parsed.InvocationConfiguration.Output;
        if (parsed.GetValue(Raw))
        {
            using var bytes = Console.OpenStandardOutput();
            bytes.Write(letter.Bytes.Span);
        }
        else if (parsed.GetValue(VerbSettings.Output) == OutputForm.Json)
            output.WriteLine(JsonSerializer.Serialize(letter.Head, DeadLetterJson.Default.DeadLetterHead));
        else
        {
            output.WriteLine($"workflow  {letter.Head.Workflow}");
            output.WriteLine($"since     {letter.Head.At:u}");
            foreach (var part in letter.Head.Parts)
                output.WriteLine(Terminal.Printable($"records   {part.Index + 1} to {part.Index + part.RecordCount}, "
                    + $"{part.Length} bytes: {part.Reason}"));
            output.WriteLine();
            output.WriteLine(
                Terminal.Printable(Encoding.UTF8.GetString(letter.Bytes.Span[..Math.Min(letter.Bytes.Length, PreviewLength)])));
            if (letter.Bytes.Length > PreviewLength)
                output.WriteLine($"... {letter.Bytes.Length - PreviewLength} bytes more; --raw has all.");
        }
        return ExitCode.Done;
    }

    static async Task<int> RetryAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (options, connection, box) = Open(parsed);
        if (TryChoose(parsed, box, "would be sent again") is not { } chosen) return ExitCode.Usage;
        if (chosen.Count == 0) return ExitCode.Done;
        var (client, code) = await ConnectAsync(parsed, connection, "Nothing was sent, and every letter stays.",
            cancellationToken).ConfigureAwait(false);
        if (client is null) return code;
        var letters = new LetterRetry(box, options.CreateCodec(), options.TaskQueue);
        var failed = 0;
        foreach (var name in chosen)
        {
            try
            {
                var batch = await letters.SendAsync(client, name, cancellationToken).ConfigureAwait(false);
                parsed.InvocationConfiguration.Output.WriteLine($"{name} is sent as {batch}");
            }
            catch (Exception e) when (e is FileNotFoundException or InvalidDataException)
            {
                parsed.InvocationConfiguration.Error.WriteLine(Terminal.Printable(e.Message));
                failed++;
            }
            catch (Exception e) when (ConnectProblem.Of(e, connection) is { } problem)
            {
                parsed.InvocationConfiguration.Error.WriteLine(
                    Terminal.Printable($"{name} was not sent and stays: {problem.Sentence}"));
                failed++;
            }
        }
        return failed == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    /// <returns>A client, or what the program ends with.</returns>
    public static async Task<(TemporalClient? Client, int Code)> ConnectAsync(
        ParseResult parsed, TemporalClientConnectOptions connection, string whatStays,
        CancellationToken cancellationToken)
    {
        try
        {
            connection.Runtime = TemporalSettings.CreateRuntime(NullLogger.Instance);
            return (await TemporalClient.ConnectAsync(connection).WaitAsync(ConnectTimeout, cancellationToken)
                .ConfigureAwait(false), ExitCode.Done);
        }
        catch (Exception e) when (ConnectProblem.Of(e, connection) is { } problem)
        {
            parsed.InvocationConfiguration.Error.WriteLine(Terminal.Printable($"{problem.Sentence} {whatStays}"));
            return (null, problem.Fault == ConnectFault.Configuration ? ExitCode.Configuration : ExitCode.Failed);
        }
    }

    static int Purge(ParseResult parsed)
    {
        var box = Open(parsed).Box;
        if (TryChoose(parsed, box, "would be removed for good") is not { } chosen) return ExitCode.Usage;
        foreach (var name in chosen)
        {
            box.Remove(name);
            parsed.InvocationConfiguration.Output.WriteLine($"{name} is removed");
        }
        return ExitCode.Done;
    }

    /// <returns>Null: nothing may be done.</returns>
    static List<string>? TryChoose(ParseResult parsed, DeadLetterBox box, string whatWould)
    {
        var error = parsed.InvocationConfiguration.Error;
        var named = parsed.GetValue(Names) ?? [];
        var isAll = parsed.GetValue(All);
        if (isAll == named.Length > 0)
        {
            error.WriteLine("Name letters, or give --all.");
            return null;
        }
        if (!IsKnown(parsed, box, named)) return null;
        List<string> chosen = [.. isAll ? box.ListNames() : named];
        if (parsed.GetValue(Yes) || chosen.Count == 0) return chosen;
        foreach (var name in chosen) parsed.InvocationConfiguration.Output.WriteLine($"{name} {whatWould}");
        error.WriteLine("Nothing was done; add --yes.");
        return null;
    }

    static bool IsKnown(ParseResult parsed, DeadLetterBox box, IEnumerable<string> named)
    {
        if (named.FirstOrDefault(name => !box.Contains(name)) is not { } unknown) return true;
        parsed.InvocationConfiguration.Error.WriteLine(
            Terminal.Printable($"There is no dead letter '{unknown}'; see 'logworker dead-letters list'."));
        return false;
    }

    static DeadLetter? Read(ParseResult parsed, DeadLetterBox box, string name)
    {
        try
        {
            return box.Read(name);
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException or ArgumentException)
        {
            parsed.InvocationConfiguration.Error.WriteLine(Terminal.Printable(e.Message));
            return null;
        }
    }

    static string Sanitize(string text) => Markup.Escape(Terminal.Printable(text).Replace('\n', ' '));
}
