namespace LogPipeline.Worker.Files;

sealed partial class LogWriter
{
    /// <summary>A batch, and who waits for what becomes of it.</summary>
    sealed class Request(PreparedBatch batch, CancellationToken cancellation)
    {
        public PreparedBatch Batch => batch;
        public CancellationToken Cancellation => cancellation;
        public TaskCompletionSource<WriteOutcome> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Null: the id was written with other lines.</summary>
        public WriteOutcome? Outcome { get; set; }

        public void Complete()
        {
            if (Outcome is not null) Answer.TrySetResult(Outcome);
            else Answer.TrySetException(new BatchRefusedException(
                $"Batch {batch.Id} was written before with other records; the ones given now were not written."));
        }
    }
}
