using System.Security.Cryptography;
using Npgsql;

namespace LogPipeline.Worker.Claims;

/// <summary>Where the shared ledger is, and who asks.</summary>
/// <param name="Connection">A connection string of Npgsql.</param>
/// <param name="Name">How messages call it.</param>
/// <param name="Lease">How long a worker may be silent before others take what it had claimed.</param>
/// <param name="Retention">How long a batch is known as written.</param>
/// <param name="ReceiptsMax">Most batches known as written.</param>
sealed record PostgresClaimsOptions(string Connection, string Name, TimeSpan Lease, TimeSpan Retention, int ReceiptsMax)
{
    public const string IdFile = "worker";

    /// <summary>Host and database, and never a password.</summary>
    public string DisplayName
    {
        get
        {
            var builder = new NpgsqlConnectionStringBuilder(Connection);
            return $"{builder.Database ?? builder.Username}@{builder.Host}:{builder.Port}";
        }
    }

    /// <summary>
    /// The log directory's own id: one that moves to another machine takes its intents, and so its claims, along.
    /// </summary>
    /// <param name="root">The log directory, which must be owned.</param>
    public static Guid WorkerOf(StoreDirectory root)
    {
        var directory = root.Directory(LedgerEntry.DirectoryName);
        using var file = directory.Open(IdFile, StoreOpen.ExistingOrNew);
        Span<byte> text = stackalloc byte[36];
        if (file.Read(text, 0) == text.Length && Guid.TryParseExact(Encoding.ASCII.GetString(text), "D", out var known))
            return known;
        // New, or its maker came no further and has claimed nothing.
        var id = new Guid(RandomNumberGenerator.GetBytes(16));
        file.Write(Encoding.ASCII.GetBytes(id.ToString("D")), 0);
        file.Sync();
        directory.Sync();
        return id;
    }

    /// <summary>Fills in short waits, where the string names none.</summary>
    /// <exception cref="ArgumentException">It is no connection string.</exception>
    public static string WithDefaults(string connection)
    {
        var given = new NpgsqlConnectionStringBuilder(connection);
        if (string.IsNullOrEmpty(given.Host)) throw new ArgumentException("it names no Host", nameof(connection));
        // ContainsKey is true of every keyword there is.
        var named = given.Keys.Cast<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (!named.Contains("Timeout")) given.Timeout = 3;
        if (!named.Contains("Command Timeout")) given.CommandTimeout = 5;
        if (!named.Contains("Maximum Pool Size")) given.MaxPoolSize = 4;
        given.ApplicationName ??= "logworker";
        return given.ConnectionString;
    }
}
