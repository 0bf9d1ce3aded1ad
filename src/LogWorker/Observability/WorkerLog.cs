using LogPipeline.Worker.DeadLetters;

namespace LogPipeline.Worker.Observability;

/// <summary>All messages that the worker logs. Numbers are never reused.</summary>
static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Information,
        "Worker {Identity} starts: version {Version}, commit {Commit}, SDK {Sdk}, task queue {TaskQueue}, namespace "
        + "{Namespace}, Temporal {Address}, directory {Directory}")]
    public static partial void Starts(ILogger logger, string identity, string version, string commit, string sdk,
        string taskQueue, string @namespace, string address, string directory);

    [LoggerMessage(2, LogLevel.Information,
        "Connected to Temporal at {Address}, namespace {Namespace}; waiting for batches")]
    public static partial void Connected(ILogger logger, string address, string @namespace);

    [LoggerMessage(3, LogLevel.Warning,
        "{Reason} {Then} batches wait in Temporal and on their hosts meanwhile")]
    public static partial void NotConnected(ILogger logger, string reason, string then);

    [LoggerMessage(4, LogLevel.Information, "Stopping: no batch is taken any more, those that were taken are finished")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(5, LogLevel.Information,
        "Stopped: {Batches} batches, {Records} records, {Bytes} bytes written since the start")]
    public static partial void Stopped(ILogger logger, long batches, long records, long bytes);

    [LoggerMessage(6, LogLevel.Error, "The worker ended unexpectedly: {Reason} It connects anew")]
    public static partial void Ended(ILogger logger, Exception exception, string reason);

    [LoggerMessage(10, LogLevel.Information,
        "Log directory opened: {Receipts} written batches known, {Finished} begun batches finished")]
    public static partial void Opened(ILogger logger, int receipts, int finished);

    [LoggerMessage(11, LogLevel.Warning,
        "{DamagedBytes} bytes of the ledger could not be read; batches known by them alone would be written again if "
        + "they were tried again")]
    public static partial void LedgerDamaged(ILogger logger, long damagedBytes);

    [LoggerMessage(12, LogLevel.Debug,
        "Batch {BatchId} written to {File} at {Offset}: {RecordCount} records, {Bytes} bytes")]
    public static partial void BatchWritten(ILogger logger, string batchId, string file, long offset,
        int recordCount, long bytes);

    [LoggerMessage(13, LogLevel.Information,
        "Written: {Batches} batches, {Records} records, {Bytes} bytes since the start")]
    public static partial void Written(ILogger logger, long batches, long records, long bytes);

    [LoggerMessage(14, LogLevel.Debug, "{Batches} batches were not written and will be tried again: {Reason}")]
    public static partial void NotWritten(ILogger logger, int batches, string reason);

    [LoggerMessage(16, LogLevel.Warning,
        "Batch {BatchId} is written without the one before it, which was refused or did not come in time; its lines "
        + "keep their sequence numbers")]
    public static partial void Disorder(ILogger logger, string batchId);

    [LoggerMessage(17, LogLevel.Information,
        "Removed {File}: {Bytes} bytes, last written {LastWritten:O}; the retention's bound is {Reason}")]
    public static partial void Retired(ILogger logger, string file, long bytes, DateTimeOffset lastWritten,
        string reason);

    [LoggerMessage(18, LogLevel.Warning,
        "Log files that are to go could not be removed and will be tried again: {Reason}")]
    public static partial void RetentionFailed(ILogger logger, string reason);

    [LoggerMessage(29, LogLevel.Warning,
        "The clock went {Way} by {By}, or the machine slept: for a day no log file and no receipt goes sooner than it "
        + "would have by the clock as it was")]
    public static partial void ClockJumped(ILogger logger, string way, string by);

    [LoggerMessage(28, LogLevel.Warning,
        "{File} was removed, replaced, cut or written to by another program: the worker had left it {Length} bytes "
        + "long, and finds {Found}. Writing goes on in {Next}; what was in {File} is not written again")]
    public static partial void FileChanged(ILogger logger, string file, long length, string found, string next);

    [LoggerMessage(21, LogLevel.Error,
        "{Directory} is a link or a file and not the directory of a channel; links are not followed. Its records go "
        + "to the channel overflow until it is removed")]
    public static partial void Obstructed(ILogger logger, string directory);

    [LoggerMessage(22, LogLevel.Warning,
        "The log directory {Directory}, or the ledger in it, was removed or replaced by another program, and is made "
        + "again; what was in it is not written again")]
    public static partial void DirectoryLost(ILogger logger, string directory);

    [LoggerMessage(23, LogLevel.Information, "Compressed {File}: {Bytes} bytes are {CompressedBytes}")]
    public static partial void Compressed(ILogger logger, string file, long bytes, long compressedBytes);

    [LoggerMessage(24, LogLevel.Warning, "Closed log files could not be compressed and will be tried again: {Reason}")]
    public static partial void CompressionFailed(ILogger logger, string reason);

    [LoggerMessage(25, LogLevel.Error, "{Trouble} Batches wait in Temporal until it can")]
    public static partial void InTrouble(ILogger logger, string trouble);

    [LoggerMessage(26, LogLevel.Warning, "{Path} can be written again, after {Seconds:f1} s")]
    public static partial void Recovered(ILogger logger, string path, double seconds);

    [LoggerMessage(27, LogLevel.Warning,
        "{Records} records of channels beyond the bound, or whose directory cannot be used, went to overflow since "
        + "the start; see LOG_CHANNELS_MAX")]
    public static partial void Overflowed(ILogger logger, long records);

    [LoggerMessage(19, LogLevel.Error,
        "{Batches} batches, {BatchId} first, were taken over by another worker while this one wrote them: their "
        + "lines are in both workers' files, byte for byte the same")]
    public static partial void Copied(ILogger logger, int batches, string batchId);

    [LoggerMessage(20, LogLevel.Warning, "systemd could not be notified of '{State}': {Reason}")]
    public static partial void NotNotified(ILogger logger, string state, string reason);

    [LoggerMessage(30, LogLevel.Information, "{Outcome}")]
    public static partial void OnceEnds(ILogger logger, string outcome);

    [LoggerMessage(37, LogLevel.Error, "Batches left in Temporal: {Remaining}; {Remedy}")]
    public static partial void OnceLeaves(ILogger logger, long remaining, string remedy);

    [LoggerMessage(72, LogLevel.Error, "It ended before Temporal could be asked, so that batches may be left there; run it again")]
    public static partial void OnceUnknown(ILogger logger);

    [LoggerMessage(36, LogLevel.Error, "A batch cannot be read and waits in Temporal. {Reason}")]
    public static partial void Unreadable(ILogger logger, string reason);

    [LoggerMessage(40, LogLevel.Error,
        "Batch {BatchId} cannot be read and has waited for {Age}: it is kept in {DeadLetter}, its workflow is ended, "
        + "and 'logworker dead-letters retry' sends it again. {Reason}")]
    public static partial void UnreadableKept(ILogger logger, string batchId, string age, string deadLetter,
        string reason);

    [LoggerMessage(41, LogLevel.Warning, "Batches that cannot be read were not kept, and wait on: {Reason}")]
    public static partial void UnreadableNotKept(ILogger logger, string reason);

    [LoggerMessage(31, LogLevel.Error,
        "{Records} records of batch {BatchId} can never be written as they are; they are kept in {DeadLetter}, see "
        + "'logworker dead-letters show'")]
    public static partial void DeadLettered(ILogger logger, int records, string batchId, string deadLetter);

    [LoggerMessage(60, LogLevel.Information,
        "Batches that are in their files are pushed to Loki at {Url}, with the labels {Labels}")]
    public static partial void DeliversToLoki(ILogger logger, string url, string labels);

    [LoggerMessage(61, LogLevel.Warning,
        "{Destination} refused {Records} records of batch {BatchId} for good: {Reasons}; they are in their files")]
    public static partial void DestinationRefused(ILogger logger, string destination, int records, string batchId,
        string reasons);

    [LoggerMessage(62, LogLevel.Warning,
        "Batch {BatchId} is in its files and not delivered yet, and others may be like it: {Reason} It is tried again")]
    public static partial void DestinationUnavailable(ILogger logger, string batchId, string reason);

    [LoggerMessage(63, LogLevel.Information,
        "{Records} records since the start were not written because their level is under the least that is written")]
    public static partial void Filtered(ILogger logger, long records);

    [LoggerMessage(64, LogLevel.Warning,
        "Loki at {Url} takes no structured metadata (its allow_structured_metadata is false): lines go there without "
        + "trace_id and span_id beside them, until this worker starts anew; the ids are in the lines")]
    public static partial void LokiTakesNoMetadata(ILogger logger, string url);

    [LoggerMessage(70, LogLevel.Warning, "The canary {BatchId} is missing: {Reason}")]
    public static partial void CanaryMissing(ILogger logger, string batchId, string reason);

    [LoggerMessage(71, LogLevel.Information, "The canary {BatchId} came through in {Seconds:0.00} s, after {Missing} that did not")]
    public static partial void CanaryBack(ILogger logger, string batchId, double seconds, long missing);

    [LoggerMessage(38, LogLevel.Information,
        "Status, probes and Temporal's codec endpoint are at {Address}")]
    public static partial void WebListens(ILogger logger, Uri address);

    [LoggerMessage(39, LogLevel.Warning,
        "{Address} is plain HTTP: records and the token can be read on their way. Set LOG_HTTP_CERTIFICATE_FILE, or put "
        + "a proxy with TLS in front")]
    public static partial void WebIsPlain(ILogger logger, Uri address);

    [LoggerMessage(65, LogLevel.Information, "Dead letter {DeadLetter} was sent again as batch {BatchId}, as a caller asked")]
    public static partial void LetterRetried(ILogger logger, string deadLetter, string batchId);

    [LoggerMessage(66, LogLevel.Warning, "Dead letter {DeadLetter} was removed for good, as a caller asked")]
    public static partial void LetterPurged(ILogger logger, string deadLetter);

    [LoggerMessage(67, LogLevel.Warning, "The history of the last hour cannot be saved, and a restart will lose it: {Reason}")]
    public static partial void HistoryNotSaved(ILogger logger, string reason);
}
