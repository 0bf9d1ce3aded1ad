namespace LogPipeline.Publisher.Spool;

/// <summary>Bounds of the spool of one process.</summary>
/// <param name="BytesMax">Most bytes of records that are not done with.</param>
/// <param name="RecordBytesMax">Largest record.</param>
/// <param name="FlushCount">Waiting records that are sent at once.</param>
/// <param name="IsSynced">Every record is on the disk itself soon after it was accepted.</param>
readonly record struct SpoolLimits(long BytesMax, int RecordBytesMax, TimeSpan BackPressure, int FlushCount, bool IsSynced)
{
    const int SegmentBytesMax = 4 * 1024 * 1024;
    const int PageBytes = 4096;

    /// <summary>A few segments make the quota, and one holds the largest record.</summary>
    public int SegmentBytes
    {
        get
        {
            var wanted = Math.Max(Math.Min(SegmentBytesMax, BytesMax / 8), RecordBytesMax + RecordFrame.OverheadMax + RecordSegment.SealRoom);
            return (int)((wanted + PageBytes - 1) / PageBytes * PageBytes);
        }
    }
}
