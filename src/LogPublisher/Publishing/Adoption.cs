using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Adopts what processes that are gone have left in the spool: when this one starts, and from then on in intervals.
/// Owned by the publish loop.
/// </summary>
sealed class Adoption(SpoolStore spool, Books books, Reporter reporter, TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(15);

    long _ranAt;

    public bool IsDue => time.GetElapsedTime(_ranAt) >= Interval;

    /// <param name="first">In the own directory too, where nothing is written yet.</param>
    public void Run(bool first)
    {
        _ranAt = time.GetTimestamp();
        try
        {
            var (records, lost) = spool.Adopt(first, text => reporter.Log("adopt", text));
            books.Adopted(records + lost);
            if (lost > 0)
            {
                books.Drop(Location.Spool, DropReason.Damaged, lost);
                reporter.OnDropped(DropReason.Damaged, lost, null);
            }
            if (first && spool.ForOthers() is { Count: > 0 } others)
                reporter.Log("others", $"In the spool records wait for other destinations, which this process does not "
                    + $"send: {string.Join("; ", others)}. 'logworker spool list' shows them.");
            if (records > 0) reporter.Log("adopted",
                $"{records} records of earlier processes were found in the spool {spool.Path} and are sent first.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reporter.Log("adopt",
                $"The spool {spool.Path} could not be searched for records of earlier processes: {e.Message}");
        }
    }
}
