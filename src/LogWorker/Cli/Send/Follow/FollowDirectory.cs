using System.Security.Cryptography;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Worker.Cli.Send.Follow;

/// <summary>
/// What following one file keeps in the spool directory: its place in the file, and a spool that no other process
/// adopts, as the place follows from what lies there.
/// <code>
/// LOG_SPOOL_DIRECTORY/send/&lt;file&gt;-&lt;hash of its path&gt;/owner, place.json, and a spool
/// </code>
/// </summary>
sealed class FollowDirectory : IDisposable
{
    const string Parent = "send";
    const int NameLengthMax = 100;

    readonly StoreOwnership _owned;

    /// <exception cref="DirectoryOwnedException">Another process follows the file.</exception>
    /// <exception cref="InvalidDataException">The place cannot be read.</exception>
    public FollowDirectory(string spool, string file)
    {
        var directory = new PhysicalDirectory(Path.Combine(spool, Parent, NameOf(file)), isPrivate: true);
        SpoolPath = directory.Path;
        _owned = directory.Own($"process {Environment.ProcessId} on {Environment.MachineName}, which follows {file}");
        try
        {
            Places = new PlaceFile(directory, file);
            // Before a sink adopts what lies there, and sends and removes it.
            if (Places.Read() is not { } place) return;
            var marks = SpoolMarks.Read(directory);
            if (place.With(marks.Last, marks.IsDamaged) is var reached && reached != place) Places.Write(reached);
        }
        catch
        {
            _owned.Dispose();
            throw;
        }
    }

    public string SpoolPath { get; }

    public PlaceFile Places { get; }

    public void Dispose() => _owned.Dispose();

    static string NameOf(string file)
    {
        var name = string.Concat(Path.GetFileName(file).Where(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            .Take(NameLengthMax));
        return $"{name}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(file)).AsSpan(0, 4))}";
    }
}
