using System.Diagnostics;

namespace LogPipeline.Worker.Observability;

/// <summary>The spans of the worker: one for each attempt to write a batch, below the span of its publishing.</summary>
static class WorkerTrace
{
    public const string SourceName = "LogWorker";

    public static ActivitySource Source { get; } = new(SourceName, ProductVersion.Version);
}
