namespace LogPipeline.Workflows.Connecting;

/// <summary>What kind of problem keeps a process from using Temporal.</summary>
enum ConnectFault
{
    /// <summary>Refused, unknown, silent: it may pass by itself.</summary>
    Unreachable,

    /// <summary>Temporal asks for less.</summary>
    SlowDown,

    /// <summary>The credentials or the rights do not do.</summary>
    Denied,

    /// <summary>Temporal has no such namespace.</summary>
    NoNamespace,

    /// <summary>Both sides are there and cannot agree on an encrypted connection.</summary>
    Tls,

    /// <summary>What was given can be used nowhere.</summary>
    Configuration,
}
