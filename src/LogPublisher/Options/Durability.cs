namespace LogPipeline.Publisher;

/// <summary>What an event survives once the call that logged it has returned.</summary>
public enum Durability
{
    /// <summary>Nothing: it waits in memory, and goes to the spool only when Temporal does not take it.</summary>
    Memory,

    /// <summary>
    /// The end of the process, whichever way it ends: it is in the spool, in the hands of the system.
    /// </summary>
    ProcessSafe,

    /// <summary>
    /// As <see cref="ProcessSafe"/>, and from 20 ms later on the end of the machine: it is on the disk itself.
    /// </summary>
    PowerSafe,
}
