namespace LogPipeline.Worker.Cli;

/// <summary>For people or for programs; <see cref="VerbSettings.Output"/>.</summary>
enum OutputForm
{
    Table,
    Json,
}
