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

    /// <summary>Neither the password itself nor its MD5, which is as good as it.</summary>
    const string AuthWithoutPassword = "ScramSHA256,GSS,SSPI,None";

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

    /// <summary>
    /// Fills in what the string does not name: short waits, TLS to other machines, and that the password is never sent
    /// as it is to a server that asks for it, be it another one that took the place of ours. Only a string that has the
    /// server's certificate verified lets it ask.
    /// </summary>
    /// <exception cref="FormatException">It is no connection string; the message repeats nothing of it but known
    /// keywords.</exception>
    public static string WithDefaults(string connection)
    {
        var given = Parse(connection);
        if (string.IsNullOrEmpty(given.Host)) throw new FormatException("it names no Host");
        // ContainsKey is true of every keyword there is.
        var named = given.Keys.Cast<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (!IsNamed("SSL Mode", "PGSSLMODE") && !IsHere(given.Host)) given.SslMode = SslMode.Require;
        if (!IsNamed("Require Auth", "PGREQUIREAUTH") && given.SslMode is not (SslMode.VerifyCA or SslMode.VerifyFull))
            given.RequireAuth = AuthWithoutPassword;
        if (!named.Contains("Timeout")) given.Timeout = 3;
        if (!named.Contains("Command Timeout")) given.CommandTimeout = 5;
        if (!named.Contains("Maximum Pool Size")) given.MaxPoolSize = 4;
        given.ApplicationName ??= "logworker";
        return given.ConnectionString;

        bool IsNamed(string keyword, string variable) => named.Contains(keyword)
            || Environment.GetEnvironmentVariable(variable) is { Length: > 0 };
    }

    // Npgsql's messages repeat what stands before an '=', which may be a part of a password.
    static NpgsqlConnectionStringBuilder Parse(string connection)
    {
        string wrong;
        try
        {
            return new NpgsqlConnectionStringBuilder(connection);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            var keyword = (e as ArgumentException)?.ParamName;
            wrong = keyword is not null && new NpgsqlConnectionStringBuilder().ContainsKey(keyword)
                ? $"what it gives as {keyword} is none" : "a keyword in it is none, or an '=' is missing";
        }
        // Without the other as its cause, which whoever prints all of it would show.
        throw new FormatException(wrong);
    }

    static bool IsHere(string hosts) => hosts.Split(',', StringSplitOptions.TrimEntries).All(host =>
        host.StartsWith('/') || host.StartsWith('@') || IsLoopback(host));

    static bool IsLoopback(string host)
    {
        if (System.Net.IPAddress.TryParse(host, out var ip)) return System.Net.IPAddress.IsLoopback(ip);
        var colon = host.LastIndexOf(':');
        var name = colon < 0 ? host : host[..colon];
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (System.Net.IPAddress.TryParse(name, out ip) && System.Net.IPAddress.IsLoopback(ip));
    }
}
