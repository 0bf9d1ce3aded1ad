namespace LogPipeline.Worker.Cli;

/// <summary>For people or for programs.</summary>
enum OutputForm
{
    Table,
    Json,
}
