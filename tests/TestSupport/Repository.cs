namespace LogPipeline.TestSupport;

/// <summary>Where the repository and what lies beside it are, seen from a running test.</summary>
public static class Repository
{
    /// <summary>The folder that holds LogPipeline.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>
    /// The folder <c>shared</c> beside the repository, or the one that <c>LOGPIPELINE_SHARED</c> names. It may be missing.
    /// </summary>
    public static string Shared { get; } =
        Environment.GetEnvironmentVariable("LOGPIPELINE_SHARED") is { Length: > 0 } named
            ? Path.GetFullPath(named)
            : Path.GetFullPath(Path.Combine(Root, "..", "shared"));

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "LogPipeline.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds LogPipeline.sln.");
    }
}
