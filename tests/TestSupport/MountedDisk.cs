using System.Diagnostics;

namespace LogPipeline.TestSupport;

/// <summary>A small disk of a test's own, in memory; and a second, read-only way over any directory. Both need root on Linux.</summary>
public sealed class MountedDisk : IDisposable
{
    readonly TempDirectory _folder = new();
    readonly long _bytes;
    string? _readOnly;
    string? _overlay;

    MountedDisk(long bytes, string? path)
    {
        _bytes = bytes;
        Path = path ?? _folder.File("disk");
        Directory.CreateDirectory(Path);
        if (TryMount() is not { } error) return;
        _folder.Dispose();
        Skip.If(true, $"Not possible on this machine: {error}");
    }

    public string Path { get; }

    /// <summary>Skips the test where nothing can be mounted.</summary>
    public static MountedDisk OfBytes(long bytes)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Not possible on this machine: a disk is mounted on Linux alone.");
        Skip.IfNot(Environment.IsPrivilegedProcess, "Not possible on this machine: to mount a disk a test must be root.");
        return new MountedDisk(bytes, null);
    }

    /// <summary>A disk over a directory of another.</summary>
    public static MountedDisk Over(string path, long bytes) => new(bytes, path);

    /// <summary>The directory is what it was without the disk, also while programs have files of it open. A new disk is empty.</summary>
    public void Unmount() => Require("umount", "--lazy", Path);

    public void Mount()
    {
        if (TryMount() is { } error) throw new InvalidOperationException(error);
    }

    /// <summary>A directory whose files lie on two layers of this disk, as in a container: what is written is a copy above what was
    /// there.</summary>
    public string MountOverlay()
    {
        foreach (var name in (string[])["lower", "upper", "work", "overlay"]) Directory.CreateDirectory(File(name));
        var layers = $"lowerdir={File("lower")},upperdir={File("upper")},workdir={File("work")}";
        if (Try("mount", "-t", "overlay", "-o", layers, "overlay", File("overlay")) is { } error)
            Skip.If(true, $"Not possible on this machine: {error}");
        _overlay = File("overlay");
        return _overlay;
    }

    public string File(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Takes all room that is left.</summary>
    public void Fill()
    {
        using var filler = new FileStream(File("filler"), FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        for (var size = 1 << 20; size > 0; size /= 2)
            while (TryWrite(filler, new byte[size]))
            {
            }
    }

    public void Free() => System.IO.File.Delete(File("filler"));

    /// <summary>From now on a path in the disk leads to the same files, read-only.</summary>
    public void MakeReadOnly(string path)
    {
        // Made read-only beside it: in its place it would be in use at once.
        var beside = Directory.CreateDirectory(_folder.File("read-only")).FullName;
        Require("mount", "--bind", path, beside);
        Require("mount", "-o", "remount,ro,bind", beside);
        Require("mount", "--bind", beside, path);
        _readOnly = path;
        Require("umount", "--lazy", beside);
    }

    public void MakeWritable()
    {
        Require("umount", "--lazy", _readOnly!);
        _readOnly = null;
    }

    public void Dispose()
    {
        if (_overlay is not null) Try("umount", "--lazy", _overlay);
        if (_readOnly is not null) Try("umount", "--lazy", _readOnly);
        Try("umount", "--lazy", Path);
        _folder.Dispose();
    }

    string? TryMount() => Try("mount", "-t", "tmpfs", "-o", $"size={_bytes},mode=0750", "tmpfs", Path);

    static bool TryWrite(FileStream file, byte[] block)
    {
        try
        {
            file.Write(block);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    static void Require(string program, params string[] arguments)
    {
        if (Try(program, arguments) is { } error) throw new InvalidOperationException(error);
    }

    /// <returns>Null: done; else why not.</returns>
    static string? Try(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{program} {string.Join(' ', arguments)}: {errors.Trim()}";
    }
}
