namespace LogPipeline.TestSupport;

/// <summary>A folder of a test's own, removed with all it holds when the test ends.</summary>
public sealed class TempDirectory : IDisposable
{
    public TempDirectory() => Path = Directory.CreateTempSubdirectory("logpipeline-").FullName;

    public string Path { get; }

    public string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (IOException)
        {
            // A program that is still writing puts files back while they are removed; what is left lies in the temporary folder.
        }
    }
}
