using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Spool;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Publisher;

/// <summary>Opens the spool, so that a directory that cannot be used ends the program at start and not its first outage.</summary>
static class SinkSpool
{
    /// <exception cref="ConfigurationException">The directory cannot be used.</exception>
    public static StoreDirectory Root(string path)
    {
        try
        {
            return new PhysicalDirectory(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, e);
        }
    }

    /// <returns>The spool, and the journal of this process unless its records wait in memory.</returns>
    /// <exception cref="ConfigurationException">The directory cannot be used.</exception>
    public static (SpoolStore Spool, Journal? Journal) Open(StoreDirectory root, string instance, RecordFormatter formatter, TemporalSinkOptions options, SpoolLimits limits)
    {
        SpoolStore? spool = null;
        try
        {
            spool = new SpoolStore(root, new JournalName(options.Source!, instance), $"process {Environment.ProcessId} on {Environment.MachineName}", formatter, limits);
            return (spool, options.Durability == Durability.Memory ? null : spool.CreateJournal());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            spool?.Dispose();
            throw Unusable(root.Path, e);
        }
    }

    static ConfigurationException Unusable(string path, Exception e) => new(
        $"SpoolDirectory was '{path}' and cannot be used ({e.Message}); set LOG_SPOOL_DIRECTORY to a directory where this user may write.");
}
