using Microsoft.Extensions.Logging;

namespace TemporalDevServer.Journal;

/// <summary>The journal's log messages. Numbers are never reused.</summary>
sealed partial class JournalLog(ILogger logger)
{
    [LoggerMessage(
        1, LogLevel.Information,
        "Journal {Path} read: snapshot {Snapshot}, {Inputs} inputs behind it, {Runs} runs, {Milliseconds} ms")]
    public partial void Read(string path, long snapshot, long inputs, int runs, long milliseconds);

    [LoggerMessage(
        2, LogLevel.Warning,
        "{File} ended in {Bytes} bytes that are no whole input, as a write was cut short; they were removed")]
    public partial void TailWasCut(string file, long bytes);

    [LoggerMessage(
        3, LogLevel.Error,
        "{File} cannot be used from byte {Position} on: {Why}. The server goes on with what stands before; "
        + "{Bytes} bytes were left in {Left}")]
    public partial void PartWasSetAside(string file, long position, string why, long bytes, string left);

    [LoggerMessage(
        4, LogLevel.Error,
        "{File} is damaged ({Why}) and was left as {Left}; the server goes on from an older snapshot")]
    public partial void SnapshotWasSetAside(string file, string why, string left);

    [LoggerMessage(
        5, LogLevel.Error,
        "{File} is damaged at byte {Position}: {Why}. Whoever asks for that history is refused")]
    public partial void HistoryIsDamaged(string file, long position, string why);

    [LoggerMessage(
        6, LogLevel.Critical,
        "The journal {Path} could not be written: {Why} Nothing more is answered, as it would not survive; "
        + "see to the disk and start the server again")]
    public partial void Failed(string path, string why);

    [LoggerMessage(
        8, LogLevel.Error,
        "A snapshot of {Path} could not be made: {Why} The journal goes on, and another is tried later; until one is "
        + "made the journal grows and a start takes longer")]
    public partial void SnapshotFailed(string path, string why);

    [LoggerMessage(7, LogLevel.Debug, "Snapshot {Number} of {Runs} runs written; {Histories} histories left memory")]
    public partial void SnapshotMade(long number, int runs, int histories);
}
