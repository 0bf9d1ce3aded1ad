using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// How much of the room for events is taken, from 0 to 1: the spool's; and while the disk takes nothing, the queue's,
/// which then is the last there is. A queue in memory that is full for a moment, in a burst, is no reason to lose
/// anything.
/// </summary>
sealed class Pressure(Intake intake)
{
    // Written by the publish loop, read by any thread.
    volatile SpoolSnapshot _spool = SpoolSnapshot.Empty;
    volatile bool _diskFails;

    public double Fill =>
        _diskFails || intake.Location == Location.Spool ? Math.Max(_spool.Fill, intake.Fill) : _spool.Fill;

    public SpoolSnapshot Spool => _spool;

    public void Update(SpoolSnapshot spool, bool diskFails)
    {
        _spool = spool;
        _diskFails = diskFails;
    }
}
