using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Publisher;

/// <summary>
/// Where records wait. It is opened with the sink, so that a directory that cannot be used ends the program at start
/// and not its first outage.
/// </summary>
/// <param name="Intake">The records of this process: in its journal, or in memory.</param>
/// <param name="Batches">The spool's and this process's, to be started.</param>
/// <param name="Overflow">Puts records on disk that wait in memory; null: they are on disk from the start.</param>
sealed record SinkStorage(Intake Intake, BatchSource Batches, Overflow? Overflow)
{
    /// <returns>The spool; null: what Temporal does not take is written to final files.</returns>
    /// <exception cref="ConfigurationException">The directory cannot be used.</exception>
    public static SpoolRoot? OpenRoot(TemporalSinkOptions settled, SinkConnection connection)
    {
        if (settled.Fallback.Mode != TemporalFallback.Spool) return null;
        try
        {
            var keys = settled.Codec.Keys;
            var destination = new SpoolDestination(connection.Address, connection.Namespace, settled.TaskQueue,
                keys.EncryptingId);
            var top = new PhysicalDirectory(settled.SpoolDirectory!, isPrivate: true);
            return new SpoolRoot(top, destination, keys, settled.Source!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(settled.SpoolDirectory!, e);
        }
    }

    /// <param name="root">The spool; null: what Temporal does not take is written to final files.</param>
    /// <exception cref="ConfigurationException">The directory cannot be used.</exception>
    public static SinkStorage Open(SpoolRoot? root, RecordFormatter formatter, string instance, Books books,
        Reporter reporter, TimeProvider time)
    {
        var options = formatter.Context.Options;
        var (spool, journal) = root is null ? default : OpenSpool(root, formatter, instance);
        if (spool is not null && journal is not null)
            return With(new SpoolQueue(options, books, spool.OwnDirectory, journal, time,
                text => reporter.LogDelayed("disk", text)), null);
        var queue = new EventQueue(options, instance, books, time);
        return With(queue, new Overflow(options, instance, queue, spool, books, reporter, time));

        SinkStorage With(Intake intake, Overflow? overflow) =>
            new(intake, new BatchSource(options.Source!, intake, spool, books, reporter, time), overflow);
    }

    /// <returns>The spool, and the journal of this process unless its records wait in memory.</returns>
    static (SpoolStore Spool, Journal? Journal) OpenSpool(SpoolRoot root, RecordFormatter formatter,
        string instance)
    {
        var options = formatter.Context.Options;
        SpoolStore? spool = null;
        try
        {
            var owner = $"process {Environment.ProcessId} on {Environment.MachineName}";
            spool = new SpoolStore(root, new JournalName(options.Source!, instance), owner, formatter);
            return (spool, options.Durability == Durability.Memory ? null : spool.CreateJournal());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            spool?.Dispose();
            throw Unusable(root.Own.Path, e);
        }
    }

    /// <summary>What is said of a spool directory that cannot be opened.</summary>
    public static ConfigurationException Unusable(string path, Exception e) => new(
        $"SpoolDirectory was '{path}' and cannot be used ({e.Message}); set LOG_SPOOL_DIRECTORY to a directory where "
        + $"this user may write.");
}
