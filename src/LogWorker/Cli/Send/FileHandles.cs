using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Worker.Cli.Send;

/// <summary>Opens files that others write, rename and remove meanwhile.</summary>
static class FileHandles
{
    const FileShare All = FileShare.ReadWrite | FileShare.Delete;

    public static FileStream OpenStream(string path) => new(path, FileMode.Open, FileAccess.Read, All, bufferSize: 1);

    /// <summary>Null: there is none of this name.</summary>
    public static SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.Open, FileAccess.Read, All);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
