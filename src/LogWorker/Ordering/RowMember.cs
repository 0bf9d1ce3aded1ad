namespace LogPipeline.Worker.Ordering;

/// <summary>A batch that waits in this worker for the one before it.</summary>
sealed class RowMember(LogBatchHeader header, ReadOnlyMemory<byte> records)
{
    readonly TaskCompletionSource<WriteReceipt?> _receipt = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WaitingBatch Batch { get; } = new(BatchPlace.Waiting, header, records);

    public BatchId Id { get; } = header.Id;

    /// <summary>How many wait for it: a second copy of its task may have come while the first was here.</summary>
    public int Count { get; set; }

    /// <summary>Null: it is to go back without one.</summary>
    public Task<WriteReceipt?> Receipt => _receipt.Task;

    public void Written(WriteReceipt receipt) => _receipt.TrySetResult(receipt);

    public void GoBack() => _receipt.TrySetResult(null);

    public void Failed(Exception error) => _receipt.TrySetException(error);
}
