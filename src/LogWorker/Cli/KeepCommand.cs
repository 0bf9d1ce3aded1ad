using System.CommandLine;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Connecting;
using Temporalio.Converters;

namespace LogPipeline.Worker.Cli;

/// <summary>Takes batches that cannot be read out of Temporal, each when its letter is on the disk.</summary>
static class KeepCommand
{
    static readonly Argument<string[]> Workflows = new("WORKFLOW")
    {
        Description = "Ids of their workflows; --all takes every one but those that wait for a key or a newer worker.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create(Option<bool> all, Option<bool> yes)
    {
        const string what =
            "Makes letters of batches in Temporal that cannot be read with these keys, and ends their workflows.";
        var keep = new Command("keep", what) { Workflows, all, yes };
        keep.SetAction((parsed, token) => KeepAsync(parsed, parsed.GetValue(all), parsed.GetValue(yes), token));
        return keep;
    }

    static async Task<int> KeepAsync(ParseResult parsed, bool isAll, bool isMeant, CancellationToken cancellationToken)
    {
        var (options, connection, box) = DeadLettersCommand.Open(parsed);
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var named = (parsed.GetValue(Workflows) ?? []).ToHashSet(StringComparer.Ordinal);
        if (isAll == named.Count > 0)
        {
            error.WriteLine("Name workflows, or give --all.");
            return ExitCode.Usage;
        }
        // The input is kept as Temporal has it.
        connection.DataConverter = DataConverter.Default;
        var (client, code) =
            await DeadLettersCommand.ConnectAsync(parsed, connection, "Every batch waits on.", cancellationToken)
            .ConfigureAwait(false);
        if (client is null) return code;
        var batches = new UnreadableBatches(client, options.CreateCodec(), box, options.TaskQueue, TimeProvider.System);
        var count = 0;
        try
        {
            await foreach (var batch in batches.FindAsync(cancellationToken).ConfigureAwait(false))
            {
                // With all of them nobody means those that wait for a key or a newer worker.
                if (isAll ? batch.Why.By == ReadableBy.OtherWorker : !named.Remove(batch.Workflow)) continue;
                count++;
                var what = "would be kept";
                if (isMeant)
                    what = $"is kept as {await batches.KeepAsync(batch, cancellationToken).ConfigureAwait(false)}";
                output.WriteLine(Terminal.Printable($"{batch.Workflow} {what}: {batch.Why.Reason}"));
            }
        }
        catch (Exception e) when (ConnectProblem.Of(e, connection) is { } problem)
        {
            error.WriteLine(Terminal.Printable($"{problem.Sentence} The other batches wait on."));
            return ExitCode.Failed;
        }
        foreach (var name in named)
            error.WriteLine(Terminal.Printable(
                $"No batch '{name}' waits that cannot be read with these keys."));
        if (isMeant || count == 0) return named.Count > 0 ? ExitCode.Usage : ExitCode.Done;
        error.WriteLine("Nothing was done; add --yes.");
        return ExitCode.Usage;
    }
}
