namespace LogPipeline.Tests.Worker;

/// <summary>What this process has open.</summary>
static class OpenFiles
{
    /// <summary>Paths in a directory, as Linux tells them: a removed file's ends in "(deleted)". Empty elsewhere.</summary>
    public static List<string> Under(string directory)
    {
        var paths = new List<string>();
        if (!OperatingSystem.IsLinux()) return paths;
        foreach (var descriptor in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
            if (new FileInfo(descriptor).LinkTarget is { } path && path.StartsWith(directory + "/", StringComparison.Ordinal))
                paths.Add(path);
        return paths;
    }
}
