using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Worker.Cli.Send;

/// <summary>Opens files that others write, rename and remove meanwhile.</summary>
static class FileHandles
{
    const FileShare All = FileShare.ReadWrite | FileShare.Delete;

    public static FileStream OpenStream(string path) => new(path, FileMode.Open, FileAccess.Read, All, bufferSize: 1);

    /// <summary>Null: there is none of this name.</summary>
    /// <exception cref="IOException">It is no file; a pipe is not waited for.</exception>
    public static SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return RegularFile.OpenToRead(path, followLinks: true);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }
}
