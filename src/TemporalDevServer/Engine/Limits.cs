using Temporalio.Api.TaskQueue.V1;

namespace TemporalDevServer.Engine;

/// <summary>Temporal's limits, in bytes and counts.</summary>
static class Limits
{
    public const int IdMax = 1000;
    public const int PayloadBytesMax = 2 * 1024 * 1024;
    public const int MessageBytesMax = 4 * 1024 * 1024;
    public const int HistoryEventsMax = 51_200;
    public const long HistoryBytesMax = 50L * 1024 * 1024;
    public const int HistoryEventsSuggested = 4096;
    public const long HistoryBytesSuggested = 4L * 1024 * 1024;
    public const int PendingMax = 2000;
    public const int SignalsMax = 10_000;
    public const int UpdatesInFlightMax = 10;
    public const int UpdatesMax = 2000;
    public const int BufferedQueriesMax = 10;

    // Closed runs that are kept at most; without a journal their histories are in memory.
    public const int ClosedRunsMax = 100_000;
    public const long ClosedBytesInMemoryMax = 256L * 1024 * 1024;

    // What lies in a snapshot's first record, which has a bound of its own: all namespaces and all task queues.
    public const int NamespacesMax = 1000;
    public const int NamespaceBytesMax = 64 * 1024;
    public const int TaskQueuesMax = 10_000;
    public const int PollersSeenMax = 1000;

    public const string HistoryExceeded = "Workflow history size or count exceeds limit.";

    public static void CheckId(string what, string id)
    {
        if (id.Length > IdMax) throw ServiceError.Invalid($"{what} length exceeds limit.");
    }

    public static void CheckIsSet(TaskQueue? queue)
    {
        if (queue is null || queue.Name.Length == 0) throw ServiceError.Invalid("TaskQueue is not set on request.");
    }

    public static void CheckSize(string what, IMessage? payload)
    {
        if (payload is not null && payload.CalculateSize() > PayloadBytesMax)
            throw ServiceError.Invalid(
                $"Blob data size exceeds limit: {what} is {payload.CalculateSize()} bytes, {PayloadBytesMax} are "
                + "allowed.");
    }

    public static bool SuggestsContinueAsNew(RunState run) =>
        run.NextEventId - 1 >= HistoryEventsSuggested || run.HistoryBytes >= HistoryBytesSuggested;

    public static bool IsExceeded(RunState run) =>
        run.NextEventId - 1 > HistoryEventsMax || run.HistoryBytes > HistoryBytesMax;
}
