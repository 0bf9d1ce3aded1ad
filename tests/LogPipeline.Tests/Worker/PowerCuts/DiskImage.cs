using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Worker.PowerCuts;

/// <summary>A file system in a file, mounted through a loop device.</summary>
sealed class DiskImage : IAsyncDisposable
{
    readonly string _mountPoint;
    bool _isMounted;

    DiskImage(string file, string mountPoint) => (File, _mountPoint) = (file, mountPoint);

    public string File { get; }
    public string Path => _mountPoint;

    /// <summary>Makes an empty one and mounts it.</summary>
    /// <param name="file">What will hold it; sparse.</param>
    /// <param name="megabytes">Its size.</param>
    /// <param name="format">The program and its arguments, such as <c>mkfs.ext4 -q</c>.</param>
    public static async Task<DiskImage> CreateAsync(string file, int megabytes, params string[] format)
    {
        await using (var made = new FileStream(file, FileMode.CreateNew)) made.SetLength((long)megabytes << 20);
        await RunAsync(format[0], [.. format[1..], file]);
        return await MountAsync(file);
    }

    /// <summary>Mounts what is in a file; the file system's journal is replayed, as after a power cut.</summary>
    public static async Task<DiskImage> MountAsync(string file)
    {
        var image = new DiskImage(file, file + ".mounted");
        Directory.CreateDirectory(image._mountPoint);
        await RunAsync("mount", ["-o", "loop", file, image._mountPoint]);
        image._isMounted = true;
        return image;
    }

    /// <summary>Why there can be none here; null: there can.</summary>
    public static async Task<string?> MissingBecauseAsync()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root") return "Mounting needs root on Linux.";
        foreach (var program in new[] { "mkfs.ext4", "mkfs.xfs" })
            if (!new[] { "/usr/sbin", "/sbin" }.Any(folder => System.IO.File.Exists($"{folder}/{program}")))
                return $"{program} is not here (Debian packages e2fsprogs and xfsprogs).";
        using var folder = new TempDirectory();
        try
        {
            await using var outer = await CreateAsync(folder.File("outer"), 400, "mkfs.xfs", "-q", "-m", "reflink=1");
            await using var inner = await CreateAsync(System.IO.Path.Combine(outer.Path, "inner"), 16, "mkfs.ext4", "-q");
            return null;
        }
        catch (InvalidOperationException e)
        {
            return $"No loop device can be mounted here: {e.Message}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isMounted) return;
        _isMounted = false;
        // A process that was killed may hold it for an instant.
        await using var unmounted = await ChildProcess.RunAsync("umount", [_mountPoint]);
        if (unmounted.ExitCode != 0) await RunAsync("umount", ["--lazy", _mountPoint]);
    }

    static async Task RunAsync(string program, IEnumerable<string> arguments)
    {
        await using var run = await ChildProcess.RunAsync(program, arguments);
        if (run.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {run.ExitCode}: {run.Everything}");
    }
}
