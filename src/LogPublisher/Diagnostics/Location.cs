namespace LogPipeline.Publisher.Diagnostics;

/// <summary>Where an event can be, seen from the application's host.</summary>
enum Location
{
    /// <summary>In memory: queued, or in the batch that is being started.</summary>
    Queue,

    /// <summary>On this host's disk, to be started later.</summary>
    Spool,

    /// <summary>Temporal has answered the start.</summary>
    Temporal,

    /// <summary>In final files on this host, by the fallback that writes them.</summary>
    Files,

    /// <summary>On this host's disk, in a batch that Temporal refuses for good.</summary>
    Aside,
}
