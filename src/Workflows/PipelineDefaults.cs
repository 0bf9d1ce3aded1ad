namespace LogPipeline.Workflows;

/// <summary>Names and limits that publisher and worker must agree on. The one place they are written.</summary>
public static class PipelineDefaults
{
    /// <summary>
    /// The task queue that publishers start batches on and workers poll. A typo makes a second, silent queue.
    /// </summary>
    public const string TaskQueue = "log-processing-queue";

    /// <summary>The workflow type of one batch.</summary>
    public const string WorkflowName = "LogProcessingWorkflow";

    /// <summary>The activity type that writes one batch.</summary>
    public const string ActivityName = "LogProcessingActivity";

    /// <summary>The activity type that brings one batch to a destination behind its file.</summary>
    public const string DeliveryActivityName = "LogDeliveryActivity";

    /// <summary>
    /// The patch of workflows that have a delivery. Their search attribute TemporalChangeVersion holds it, so that
    /// lists can distinguish batches that wait for a destination from those that wait for their file.
    /// </summary>
    public const string DeliveryPatch = "deliveries";

    /// <summary>
    /// The task queue of a destination's deliveries: apart from the files', so that a slow destination takes no file's
    /// place.
    /// </summary>
    public static string DeliveryQueue(string taskQueue, string destination) => $"{taskQueue}-{destination}";

    /// <summary>
    /// The failure type of a batch whose predecessor is not written yet: it is tried again a little later.
    /// </summary>
    public const string PredecessorMissing = "PredecessorMissing";

    /// <summary>
    /// The detail of that failure when the predecessor waits in the task queue, behind others: it will be written,
    /// however long that takes.
    /// </summary>
    public const string PredecessorInLine = "in line";

    /// <summary>
    /// How long a batch waits for its predecessor, from its first attempt. Longer than the server takes to hand out
    /// again the tasks of a killed worker (a workflow task times out after 10 s), and a short outage on top.
    /// </summary>
    public static readonly TimeSpan OrderPatience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// The priority of a batch that holds an error or worse; others have the server's default, 3. 1 is left to
    /// operators.
    /// </summary>
    public const int UrgentPriority = 2;

    /// <summary>The channel of a record that names none.</summary>
    public const string Channel = "app";

    /// <summary>Temporal's address by default.</summary>
    public const string TemporalAddress = "localhost:7233";

    /// <summary>Temporal's namespace by default.</summary>
    public const string TemporalNamespace = "default";

    /// <summary>
    /// Largest encoded batch in bytes. Temporal refuses one payload over 2 MiB and warns from 512 KiB; the rest is
    /// room for the array's punctuation, the header and a codec.
    /// </summary>
    public const int BatchBytesLimit = 2 * 1024 * 1024 - 64 * 1024;

    /// <summary>Most records in one batch.</summary>
    public const int BatchRecordsLimit = 50_000;

    /// <summary>Largest sequence number: every reader of JSON has whole numbers up to there exactly.</summary>
    public const long SequenceMax = (1L << 53) - 1;

    /// <summary>
    /// The workflow id of a publisher's own reports: one runs at a time, so that they do not pile up while no worker
    /// takes them.
    /// </summary>
    public static string ReportId(string source, string instance) => $"reports/{source}/{instance}";

    /// <summary>How long such a workflow waits for a worker; a later report says more.</summary>
    public static readonly TimeSpan ReportPatience = TimeSpan.FromMinutes(1);

    /// <summary>Longest accepted source or instance name, in characters.</summary>
    public const int NameLengthMax = 100;
}
