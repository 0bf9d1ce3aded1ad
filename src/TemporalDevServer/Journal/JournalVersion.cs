namespace TemporalDevServer.Journal;

// Versions of what lies in the directory, as a snapshot's head names them:
//
//   0   none is named: Temporal's messages were fields of state.proto, which are bytes on the wire as they are now
//   1   the same bytes, with this number
//
// Inputs are bound to the snapshot before them, so they have no version of their own. That another program decides
// something else with the same inputs shows in their marks (JournalRecovery).

/// <summary>Which journals this program reads.</summary>
static class JournalVersion
{
    public const int Written = 1;

    /// <exception cref="JournalMismatchException">Not this one.</exception>
    public static void Check(string file, int version)
    {
        if (version is < 0 or > Written)
            throw new JournalMismatchException(
                $"{file} is of version {version} of the journal, and this program reads versions 0 to {Written}: "
                + "start the program that wrote it, or move the directory away to begin anew.");
    }
}
