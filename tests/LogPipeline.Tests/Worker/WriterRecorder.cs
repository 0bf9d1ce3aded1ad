using System.Collections.Concurrent;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

/// <summary>Records what a writer reports, for any thread to read.</summary>
sealed class WriterRecorder : IWriterObserver
{
    public ConcurrentQueue<Exception> Failures { get; } = new();
    public ConcurrentQueue<BatchId> Disorders { get; } = new();
    public ConcurrentQueue<string> Copied { get; } = new();
    public ConcurrentQueue<(LogFileName File, long Length, long? Found, LogFileName Next)> Changed { get; } = new();
    public ConcurrentQueue<ChannelName> Obstructed { get; } = new();
    public ConcurrentQueue<DateTimeOffset> DirectoriesLost { get; } = new();
    public ConcurrentQueue<LogFileName> Retired { get; } = new();
    public ConcurrentQueue<Exception> RetentionFailures { get; } = new();
    public ConcurrentQueue<LogFileName> Compressed { get; } = new();
    public ConcurrentQueue<Exception> CompressionFailures { get; } = new();

    void IWriterObserver.OnFailed(int batches, Exception error) => Failures.Enqueue(error);

    void IWriterObserver.OnDisorder(PreparedBatch batch) => Disorders.Enqueue(batch.Id);

    void IWriterObserver.OnCopied(IReadOnlyList<string> batches)
    {
        foreach (var batch in batches) Copied.Enqueue(batch);
    }

    void IWriterObserver.OnFileChanged(LogFileName file, long length, long? found, LogFileName next) =>
        Changed.Enqueue((file, length, found, next));

    void IWriterObserver.OnObstructed(ChannelName channel) => Obstructed.Enqueue(channel);

    void IWriterObserver.OnDirectoryLost() => DirectoriesLost.Enqueue(TimeProvider.System.GetUtcNow());

    void IWriterObserver.OnRetired(IReadOnlyList<(LogFileStat File, RetentionReason Reason)> files)
    {
        foreach (var (file, _) in files) Retired.Enqueue(file.Name);
    }

    public ConcurrentQueue<TimeSpan> Jumps { get; } = [];

    void IWriterObserver.OnRetentionFailed(Exception error) => RetentionFailures.Enqueue(error);

    void IWriterObserver.OnClockJumped(TimeSpan by) => Jumps.Enqueue(by);

    void IWriterObserver.OnCompressed(IReadOnlyList<CompressedFile> files)
    {
        foreach (var file in files) Compressed.Enqueue(file.Name);
    }

    void IWriterObserver.OnCompressionFailed(Exception error) => CompressionFailures.Enqueue(error);
}
