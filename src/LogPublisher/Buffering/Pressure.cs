namespace LogPipeline.Publisher.Buffering;

/// <summary>The spool at one instant.</summary>
/// <param name="Bytes">What it takes on disk.</param>
/// <param name="Fill">Of its bound, from 0 to 1.</param>
/// <param name="OldestAt">When the oldest event in it was logged; null: none is there.</param>
sealed record SpoolLook(long Bytes, double Fill, DateTimeOffset? OldestAt)
{
    public static SpoolLook Empty { get; } = new(0, 0, null);
}

/// <summary>
/// How much of the room for events is taken, from 0 to 1: the spool's; and while the disk takes nothing, the queue's, which
/// then is the last there is. A queue in memory that is full for a moment, in a burst, is no reason to lose anything.
/// </summary>
sealed class Pressure(Intake intake)
{
    // Written by the publish loop, read by any thread.
    volatile SpoolLook _spool = SpoolLook.Empty;
    volatile bool _diskFails;

    public double Fill => _diskFails || intake.Place == Place.Spool ? Math.Max(_spool.Fill, intake.Fill) : _spool.Fill;

    public SpoolLook Spool => _spool;

    public void Note(SpoolLook spool, bool diskFails)
    {
        _spool = spool;
        _diskFails = diskFails;
    }
}
