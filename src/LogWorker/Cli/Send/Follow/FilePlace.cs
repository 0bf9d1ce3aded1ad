namespace LogPipeline.Worker.Cli.Send.Follow;

/// <summary>A place in a file that is followed, whatever the file's name is now.</summary>
/// <param name="Identity">Null: the system has no such thing; then the head alone tells.</param>
/// <param name="Offset">Up to here the lines are events in the spool, or in Temporal.</param>
/// <param name="Mark">The mark of this place. Marks count bytes over all files that were followed one after the
/// other, so one behind this place is higher by as many bytes.</param>
/// <param name="Seen">When the files that were read so far were last written to, by their file system's clock.</param>
sealed record FilePlace(FileIdentity? Identity, FileHead Head, long Offset, long Mark, DateTimeOffset Seen)
{
    /// <summary>The place that follows from the marks that the spool holds.</summary>
    public FilePlace With(long lastMark, bool isDamaged)
    {
        if (lastMark <= Mark) return this;
        // Of damaged records the marks are gone, and with them whether all before the last one are there: from here on
        // the lines are sent once more, rather than never. What comes must have higher marks nevertheless.
        return isDamaged ? this with { Mark = lastMark }
            : this with { Offset = Offset + lastMark - Mark, Mark = lastMark };
    }
}
