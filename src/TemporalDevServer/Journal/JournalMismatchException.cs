namespace TemporalDevServer.Journal;

/// <summary>The journal is whole, and this program makes something else of it than the one that wrote it.</summary>
sealed class JournalMismatchException(string message) : IOException(message);
