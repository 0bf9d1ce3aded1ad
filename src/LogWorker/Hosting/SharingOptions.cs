using LogPipeline.Worker.Claims;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Hosting;

/// <summary>How this worker shares the batches with others; by default there are none.</summary>
sealed record SharingOptions
{
    /// <summary>
    /// LOG_WORKER_NAME. The worker's own sub-directory of LOG_DIRECTORY; null: it is alone and has LOG_DIRECTORY
    /// itself.
    /// </summary>
    public string? Name { get; init; }

    /// <summary>LOG_LEDGER_CONNECTION. The PostgreSQL that workers on several machines ask; null: none.</summary>
    public string? Connection { get; init; }

    /// <summary>
    /// LOG_LEDGER_LEASE. How long a worker may be silent before others write what it had claimed; 1 min, less than a
    /// batch waits for the one before it.
    /// </summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether other workers may take batches of the same queue.</summary>
    public bool IsShared => Name is not null || Connection is not null;

    /// <summary>Adds what is wrong to the reader's errors.</summary>
    public static SharingOptions Read(EnvironmentReader environment)
    {
        var defaults = new SharingOptions();
        var name = environment.ReadText("LOG_WORKER_NAME");
        if (name is not null && (!BatchId.IsName(name) || name is DeadLetterBox.DirectoryName))
            environment.Refuse("LOG_WORKER_NAME", name,
                $"use 1 to {PipelineDefaults.NameLengthMax} letters, digits, '.', '_' or '-', not beginning with '.'");
        return new SharingOptions { Name = name, Connection = ReadConnection(environment),
            Lease = environment.ReadDuration("LOG_LEDGER_LEASE", defaults.Lease, TimeSpan.FromSeconds(5),
            TimeSpan.FromDays(1)) };
    }

    /// <summary>The worker's own directory.</summary>
    public string DirectoryIn(string logDirectory) => Name is null ? logDirectory : Path.Combine(logDirectory, Name);

    /// <summary>How the worker is called in receipts and by others.</summary>
    public string IdentityOf(string process) => Name is null ? process : $"{Name}/{process}";

    /// <param name="root">The worker's own directory.</param>
    /// <param name="files">The bounds of its ledger, which the shared one has too.</param>
    /// <param name="time">Measures leases.</param>
    /// <returns>Null: nobody else writes.</returns>
    public IBatchClaims? Open(PhysicalDirectory root, LogWriterOptions files, TimeProvider time)
    {
        if (Connection is not null)
            return new PostgresClaims(root,
                new PostgresClaimsOptions(Connection, files.Worker, Lease, files.ReceiptRetention,
                files.ReceiptsMax), time);
        return Name is null
            ? null : new SiblingClaims(new PhysicalDirectory(Path.GetDirectoryName(root.Path)!), Name, files);
    }

    // The value may hold a password and is not shown.
    static string? ReadConnection(EnvironmentReader environment)
    {
        if (environment.ReadText("LOG_LEDGER_CONNECTION") is not { } text) return null;
        try
        {
            return PostgresClaimsOptions.WithDefaults(text);
        }
        catch (FormatException e)
        {
            environment.Refuse($"LOG_LEDGER_CONNECTION is no connection string for PostgreSQL ({e.Message}); one "
                + $"looks like Host=db;Username=logs;Password=...;Database=logs.");
            return null;
        }
    }
}
