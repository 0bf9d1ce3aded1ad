// The worker's writer on a real directory without Temporal, for tests that break the process or the disk under it.
//
//   script DIRECTORY ACKS   the canonical run of Script.cs
//   load DIRECTORY ACKS     batches without end
//
// Once a batch is written its records go to the file ACKS, as `logworker verify --acks` reads it.
using LogPipeline.DurableFiles;
using LogPipeline.Worker.Files;
using LogPipeline.WriterHost;

if (args is not [var way, var directory, var file]) return 2;
using var acks = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
switch (way)
{
    case "script":
        // On the pool, which may be told to be one thread: system calls are counted by thread.
        return await Task.Run(() => Script.RunAsync(() => new PhysicalDirectory(directory), Acknowledge)) ? 0 : 1;
    case "load":
        await Load.RunAsync(new PhysicalDirectory(directory), Acknowledge);
        return 0;
    default:
        return 2;
}

void Acknowledge(PreparedBatch batch)
{
    var line = Encoding.ASCII.GetBytes($"{batch.Id.Source}/{batch.Id.Instance}/{batch.Id.FirstSequence}-{batch.Id.FirstSequence + batch.RecordCount - 1}\n");
    lock (acks) acks.Write(line);
}
