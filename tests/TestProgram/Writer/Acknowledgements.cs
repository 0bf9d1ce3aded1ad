using LogPipeline.Worker.Files;

namespace LogPipeline.TestProgram.Writer;

/// <summary>The file of records that the writer acknowledged, a line for each batch.</summary>
sealed class Acknowledgements(string path) : IDisposable
{
    readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    public void Write(PreparedBatch batch)
    {
        var last = batch.Id.FirstSequence + batch.RecordCount - 1;
        var line = Encoding.ASCII.GetBytes($"{batch.Id.Source}/{batch.Id.Instance}/{batch.Id.FirstSequence}-{last}\n");
        lock (_file) _file.Write(line);
    }

    public void Dispose() => _file.Dispose();
}
