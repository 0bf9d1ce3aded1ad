namespace LogPipeline.Worker.Claims;

/// <summary>Another worker's claim on a batch.</summary>
/// <param name="Worker">That worker.</param>
/// <param name="Receipt">Where the batch lies in that worker's files; null: that worker writes it, or will when it is
/// back.</param>
/// <param name="State">What is known of a worker that has not written it yet.</param>
sealed record BatchClaim(string Worker, LedgerEntry? Receipt, string State = "");

/// <summary>The claims cannot be read now; batches wait in Temporal meanwhile.</summary>
sealed class ClaimsUnavailableException(string message, Exception? inner = null) : IOException(message, inner);
