namespace LogPipeline.TestSupport;

/// <summary>
/// A PostgreSQL of the test's own: a new cluster in a temporary directory, on loopback. PostgreSQL does not run as root, so
/// there it runs as the user that its package made. Where it is not installed the tests skip themselves.
/// </summary>
public sealed class PostgresServer : IAsyncLifetime, IAsyncDisposable
{
    static readonly string? Programs = FindPrograms();

    readonly TempDirectory _folder = new();
    readonly int _port = FreePort.Next();
    ChildProcess? _process;

    public static void SkipIfMissing() => Skip.If(Programs is null, "PostgreSQL is not installed (Debian: postgresql).");

    public string ConnectionString =>
        string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={_port};Username=test;Database=postgres");

    public int Port => _port;

    string Data => _folder.File("data");

    /// <summary>Starts it, again on the same port after a stop, and waits until it answers.</summary>
    public async Task StartAsync()
    {
        if (!Directory.Exists(Data)) await CreateAsync();
        // Nothing here must survive a power cut.
        _process = Start("postgres", "-D", Data, "-k", _folder.Path, "-h", "127.0.0.1", "-p", $"{_port}", "-c", "fsync=off");
        await Eventually.TrueAsync(async () => (await QueryAsync("select 1")).ExitCode == 0, TimeSpan.FromSeconds(60), explain: () =>
            _process.Everything);
    }

    /// <summary>Ends all sessions and the server.</summary>
    public async Task StopAsync()
    {
        _process!.Interrupt();
        await _process.EndAsync();
    }

    /// <summary>Runs SQL as psql does; the output is the values alone.</summary>
    public Task<ChildProcess> QueryAsync(string sql) => ChildProcess.RunAsync(
        Path.Combine(Programs!, "psql"),
        ["-h", "127.0.0.1", "-p", $"{_port}", "-U", "test", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-Atc", sql]);

    public Task InitializeAsync() => Programs is null ? Task.CompletedTask : StartAsync();

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) await StopAsync();
        if (_process is not null) await _process.DisposeAsync();
        _folder.Dispose();
    }

    async Task CreateAsync()
    {
        if (IsRoot) Require(await ChildProcess.RunAsync("chown", [ServerUser, _folder.Path]));
        await using var made = Start("initdb", "-D", Data, "-U", "test", "-A", "trust", "-N", "--no-instructions");
        await made.EndAsync();
        Require(made);
    }

    // Not by a shell or a server of sessions in between: what is killed must be PostgreSQL itself.
    ChildProcess Start(string program, params string[] arguments)
    {
        string[] all = [Path.Combine(Programs!, program), .. arguments];
        return IsRoot
            ? ChildProcess.Start("setpriv", ["--reuid", ServerUser, "--regid", ServerUser, "--clear-groups", .. all],
                directory: _folder.Path)
            : ChildProcess.Start(all[0], all[1..], directory: _folder.Path);
    }

    static void Require(ChildProcess done)
    {
        if (done.ExitCode != 0) throw new InvalidOperationException(done.Everything);
    }

    static bool IsRoot => Environment.UserName == "root";

    const string ServerUser = "postgres";

    static string? FindPrograms()
    {
        const string debian = "/usr/lib/postgresql";
        if (!OperatingSystem.IsLinux() || !Directory.Exists(debian)) return null;
        return Directory.GetDirectories(debian).Select(version => Path.Combine(version, "bin"))
            .Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault();
    }
}
