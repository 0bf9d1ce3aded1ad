namespace LogPipeline.Worker.Destinations;

/// <param name="Workflow">The workflow's id.</param>
/// <param name="Header">What the batch holds.</param>
/// <param name="Records">The records array.</param>
/// <param name="Folders">The folders of the files that it is in; empty: it is in none yet.</param>
/// <param name="IsRepeated">An earlier attempt may have brought a part of it, or all.</param>
sealed record IncomingBatch(string Workflow, LogBatchHeader Header, ReadOnlyMemory<byte> Records,
    IReadOnlyList<string> Folders, bool IsRepeated = false);
