using LogPipeline.DurableFiles;

namespace LogPipeline.Tests.Publisher;

/// <summary>What a sink has made in its spool directory.</summary>
static class SpoolFolder
{
    /// <summary>The folder of the one destination for which there is something.</summary>
    public static string Of(string spool) => Directory.GetDirectories(spool).ShouldHaveSingleItem();

    public static StoreDirectory Open(string spool) => new PhysicalDirectory(Of(spool));
}
