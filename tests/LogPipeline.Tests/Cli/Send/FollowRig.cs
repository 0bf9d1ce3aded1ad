using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Cli.Send;
using LogPipeline.Worker.Cli.Send.Follow;

namespace LogPipeline.Tests.Cli.Send;

/// <summary>
/// A file that is written and rotated, a follower of it that is stepped by hand, and a list in the place of the spool. A
/// kill leaves the list and the place that was written.
/// </summary>
sealed class FollowRig : IDisposable
{
    readonly TempDirectory _directory = new();
    readonly PlaceFile _places;
    readonly List<(string Text, long Mark)> _spool = [];
    readonly TestClock _clock = new();
    readonly string? _firstLine;
    FileFollower? _follower;
    int _synced;

    public FollowRig(string? firstLine = null)
    {
        _firstLine = firstLine;
        Directory.CreateDirectory(_directory.File("logs"));
        _places = new PlaceFile(new PhysicalDirectory(_directory.File("place")), Log);
    }

    public string Log => In("app.log");

    public List<string> Told { get; } = [];

    /// <summary>What was sent, in its order.</summary>
    public IEnumerable<string> Sent => _spool.Select(sent => sent.Text);

    public IEnumerable<long> Marks => _spool.Select(sent => sent.Mark);

    /// <summary>The spool takes this many events more and then nothing; null: all.</summary>
    public int? Room { get; set; }

    /// <summary>The power goes at the next sync of the spool: what it has had since the one before is gone.</summary>
    public bool PowerGoes { get; set; }

    public string In(string name) => _directory.File("logs", name);

    public void Append(string text) => Append(Encoding.UTF8.GetBytes(text));

    public void Append(byte[] bytes)
    {
        using var file = new FileStream(Log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(bytes);
    }

    /// <summary>As logrotate does: app.log.1 becomes app.log.2, and app.log becomes app.log.1.</summary>
    public void Rotate(bool copiesAndTruncates = false, bool creates = true)
    {
        for (var number = 98; number > 0; number--)
            if (File.Exists(In($"app.log.{number}"))) File.Move(In($"app.log.{number}"), In($"app.log.{number + 1}"));
        if (!copiesAndTruncates)
        {
            File.Move(Log, In("app.log.1"));
            if (creates) File.WriteAllText(Log, "");
            return;
        }
        File.Copy(Log, In("app.log.1"));
        using var file = new FileStream(Log, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(0);
    }

    public async Task StepAsync(int count = 1)
    {
        for (var i = 0; i < count; i++) await (_follower ??= Start()).StepAsync(default);
    }

    /// <summary>Until nothing more comes, for longer than the follower waits for anything.</summary>
    public async Task SettleAsync()
    {
        for (var quiet = 0; quiet < 12;)
        {
            quiet = await (_follower ??= Start()).StepAsync(default) ? 0 : quiet + 1;
            _clock.Advance(EventJoiner.WaitMax / 2);
        }
    }

    /// <summary>The place is written, as it is once a second.</summary>
    public Task NoteAsync() => (_follower ??= Start()).RunAsync(new CancellationToken(canceled: true));

    /// <summary>The follower is gone without a word; the next step is another one's.</summary>
    public void Kill()
    {
        _follower?.Dispose();
        _follower = null;
    }

    public void Dispose()
    {
        _follower?.Dispose();
        _directory.Dispose();
    }

    FileFollower Start()
    {
        if (_places.Read() is { } place) _places.Write(place.With(_spool.Select(sent => sent.Mark).DefaultIfEmpty().Max(),
            isDamaged: false));
        var joiner = new EventJoiner(_firstLine is null ? null : new(_firstLine), _clock);
        return new FileFollower(Log, _places, joiner, SendAsync, Sync, Told.Add, _clock);
    }

    void Sync()
    {
        if (PowerGoes)
        {
            _spool.RemoveRange(_synced, _spool.Count - _synced);
            throw new IOException("The power is gone.");
        }
        _synced = _spool.Count;
    }

    ValueTask<string?> SendAsync(InputEvent input, long mark, CancellationToken cancellationToken)
    {
        if (Room is 0) return ValueTask.FromResult<string?>("There is no room.");
        Room--;
        _spool.Add((input.Text, mark));
        return ValueTask.FromResult<string?>(null);
    }
}
