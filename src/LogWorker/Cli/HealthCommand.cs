using System.CommandLine;
using System.Net;

namespace LogPipeline.Worker.Cli;

/// <summary>Asks a running worker's probe, for containers that have no shell to do so.</summary>
static class HealthCommand
{
    static readonly Option<bool> Live =
        new("--live") { Description = "Whether it should run on; without this, whether it can write batches." };

    public static Command Create()
    {
        var command = new Command("health", "Asks a running worker whether it is ready; ends with 0 when it is, else with 1.")
        {
            Live, WorkerClient.Url,
        };
        command.SetAction((parsed, cancellationToken) => WorkerClient.UseAsync(parsed, RunAsync, cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, WorkerClient client, CancellationToken cancellationToken)
    {
        var (status, text) = await client.GetAsync(parsed.GetValue(Live) ? "/healthz/live" : "/healthz/ready", cancellationToken)
            .ConfigureAwait(false);
        var isWell = status == HttpStatusCode.OK;
        (isWell ? parsed.InvocationConfiguration.Output : parsed.InvocationConfiguration.Error)
            .WriteLine(Terminal.Printable(MessageOf(text)));
        return isWell ? ExitCode.Done : ExitCode.Failed;
    }

    // The probe's own sentence, where it gives one.
    static string MessageOf(string text)
    {
        try
        {
            using var answer = JsonDocument.Parse(text);
            return answer.RootElement.TryGetProperty("message", out var message) ? message.GetString() ?? text : text;
        }
        catch (JsonException)
        {
            return text.TrimEnd();
        }
    }
}
