using System.Security.Cryptography;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>The directories that are written to, and their disk. Nothing is made that was not there.</summary>
static class DirectoryChecks
{
    const UnixFileMode OthersWrite = UnixFileMode.OtherWrite;

    /// <summary>A disk with less than so many times what is kept free is soon full.</summary>
    const int SoonFull = 4;

    static readonly string[] InMemory = ["tmpfs", "ramfs"];
    static readonly string[] Remote = ["nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "fuse.sshfs"];

    public static CheckResult Logs(LogWorkerOptions options) =>
        Judge("Directory", "LOG_DIRECTORY", Path.GetFullPath(options.Directory), "the worker makes it at its start");

    public static CheckResult Disk(LogWorkerOptions options)
    {
        var drive = new DriveInfo(Nearest(Path.GetFullPath(options.Directory)));
        var (free, min) = (drive.AvailableFreeSpace, options.Files.FreeBytesMin);
        var found = $"{Size(free)} of {Size(drive.TotalSize)} free, {OptionText.Bytes(min)} are kept so (LOG_FREE_BYTES_MIN); "
            + $"file system {drive.DriveFormat}";
        if (free <= min)
            return CheckResult.Failed("Disk", $"{found}: the worker writes nothing, and batches wait in Temporal.",
                "Make room, set LOG_RETENTION_BYTES so that old files go, or lower LOG_FREE_BYTES_MIN.");
        if (free < min * SoonFull)
            return CheckResult.Warning("Disk", $"{found}: soon full.", "Make room, or set LOG_RETENTION_BYTES so that old files go.");
        if (InMemory.Contains(drive.DriveFormat))
            return CheckResult.Warning("Disk", $"{found}, which is memory: a restart of the machine loses it.",
                "Set LOG_DIRECTORY to a directory on a disk.");
        return Remote.Contains(drive.DriveFormat)
            ? CheckResult.Warning("Disk", $"{found}, whose locks do not always hold: two workers may own the directory.",
                "Set LOG_DIRECTORY to a directory on a disk of this machine.")
            : CheckResult.Ok("Disk", $"{found}.");
    }

    /// <summary>Where applications on this machine keep what Temporal has not taken.</summary>
    public static CheckResult Spool(WorkerSettings settings)
    {
        var path = Path.GetFullPath(SinkOptionsReader.Settle(new TemporalSinkOptions(), settings.Get).SpoolDirectory!);
        var directory = Judge("Spool", "LOG_SPOOL_DIRECTORY", path, "the first application makes it");
        if (directory.State != CheckState.Ok || !Directory.Exists(path)) return directory;
        var folders = new SpoolInventory(environment: settings.Get).List();
        var others = folders.Where(folder => !folder.IsOwn).ToList();
        var waiting = folders.Where(folder => folder.IsOwn).Sum(folder => folder.Records ?? 0);
        if (others.Count > 0)
            return CheckResult.Warning("Spool",
                $"{directory.Found}; records for {others.Count} other destination(s) wait there, which these settings do not send.",
                "See what they are with 'logworker spool list', then 'logworker spool move FOLDER' or 'purge FOLDER'.");
        return waiting == 0 ? directory
            : directory with { Found = $"{directory.Found}; {waiting} records wait there until an application sends them" };
    }

    static CheckResult Judge(string name, string variable, string path, string whoMakesIt)
    {
        if (File.Exists(path))
            return CheckResult.Failed(name, $"{path} is a file.", $"Set {variable} to a directory.");
        var nearest = Nearest(path);
        if (WhyNotWritable(nearest) is { } why)
            return CheckResult.Failed(name, $"{nearest} cannot be written by user {CurrentUser.Name}: {why}.",
                why.Contains("Read-only", StringComparison.OrdinalIgnoreCase)
                    ? $"Mount it for writing, or set {variable} to a directory that can be written."
                    : $"Give it to that user ('chown -R {CurrentUser.Name} {nearest}'), or set {variable} to a directory of its own.");
        if (nearest != path) return CheckResult.Ok(name, $"{path} is not there yet; {whoMakesIt}.");
        var (owner, mode) = (FileFacts.Of(path)?.Owner, OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path));
        var found = owner is null ? $"{path}, written by user {CurrentUser.Name}"
            : $"{path}, of uid {owner}, mode {Convert.ToString((int)mode, 8).PadLeft(4, '0')}, written by user {CurrentUser.Name}";
        return mode.HasFlag(OthersWrite)
            ? CheckResult.Warning(name, $"{found}: every user may write there.", $"Take that right away: 'chmod o-w {path}'.")
            : CheckResult.Ok(name, found);
    }

    /// <summary>The directory itself, or, while it is not there, the one in which it will be made.</summary>
    static string Nearest(string path)
    {
        var at = path;
        while (!Directory.Exists(at) && Path.GetDirectoryName(at) is { } parent) at = parent;
        return at;
    }

    static string? WhyNotWritable(string directory)
    {
        try
        {
            var name = $".logworker-doctor-{RandomNumberGenerator.GetHexString(16, lowercase: true)}";
            using var probe = new FileStream(Path.Combine(directory, name), new FileStreamOptions
            {
                Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.DeleteOnClose,
            });
            probe.WriteByte(0);
            probe.Flush(flushToDisk: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The system's own words, behind the probe's name.
            return e.Message.Split(" : ")[0].Split(" '")[0].TrimEnd('.');
        }
    }

    static string Size(long bytes) => bytes >= 1L << 30
        ? $"{(bytes / (double)(1L << 30)).ToString("N1", CultureInfo.InvariantCulture)} GiB"
        : $"{(bytes / (double)(1L << 20)).ToString("N1", CultureInfo.InvariantCulture)} MiB";
}
