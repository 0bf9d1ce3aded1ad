using Microsoft.Win32.SafeHandles;

namespace LogPipeline.Worker.Cli.Send.Follow;

/// <summary>
/// Finds the files that have, or had, the name that is followed. They are renamed meanwhile: a directory that changed
/// while it was searched in vain is searched again.
/// </summary>
/// <param name="path">The whole path.</param>
sealed class FileFinder(string path)
{
    const int SearchesMax = 100;

    /// <summary>So often a file is looked for in vain before it counts as removed.</summary>
    const int MissesMax = 8;

    readonly string _directory = Path.GetDirectoryName(path)!;
    readonly string _name = Path.GetFileName(path);
    int _misses;

    /// <summary>Whether the followed name is this file's.</summary>
    public bool IsCurrent(OpenedFile file)
    {
        var isCurrent = FileIdentity.Of(path, followLinks: true) is { } identity
            ? identity == file.Identity : file.Identity is null && HoldsAtPath(file);
        if (isCurrent) _misses = 0;
        return isCurrent;
    }

    /// <summary>
    /// Whether who writes has gone over to the followed name: a file is there that holds something, and not, as long as
    /// a copy is being made, what this one holds.
    /// </summary>
    public bool HasMovedOn(OpenedFile file)
    {
        using var current = FileHandles.TryOpen(path);
        return current is not null && RandomAccess.GetLength(current) > 0 && !file.IsCopyOf(current);
    }

    /// <summary>
    /// The file that a place is in: the same one under whatever name, or a copy of it, as it is made before a file is
    /// truncated. Null: it is gone, or was empty.
    /// </summary>
    public SafeFileHandle? Find(FilePlace place)
    {
        // Of a file that was empty nothing tells whether it has been truncated since.
        if (place.Head.Length == 0) return null;
        return Search(_ => true, files => files.Where(file => file.Identity is not null && file.Identity == place.Identity)
            .Select(file => OpenIfHolds(file.Path, place)).FirstOrDefault(file => file is not null)) ?? FindCopy(place);
    }

    /// <summary>Another file that holds what was read up to a place.</summary>
    public SafeFileHandle? FindCopy(FilePlace place)
    {
        if (place.Head.Length == 0) return null;
        // Where files have no number the followed name itself may be the one.
        return Search(name => Rotation.IsRotated(_name, name) || (place.Identity is null && name == _name), files =>
            Rotation.Ordered(_name, files).Reverse().Select(file => OpenIfHolds(file.Path, place))
                .FirstOrDefault(file => file is not null));
    }

    /// <summary>The file that comes behind another one: the oldest of those rotated since, or the current one.</summary>
    /// <returns>Null: there is none yet, or it cannot be told at the moment.</returns>
    public string? Next(OpenedFile file)
    {
        var rotated = Rotated();
        for (var i = 0; i < rotated.Count; i++)
        {
            if (!IsSame(rotated[i], file)) continue;
            _misses = 0;
            return i + 1 < rotated.Count ? rotated[i + 1].Path : Current();
        }
        return ++_misses > MissesMax ? NextSince(rotated, file.Written) : null;
    }

    /// <summary>The first file that was written to since, or the current one.</summary>
    /// <returns>Null: there is none yet.</returns>
    public string? NextSince(DateTimeOffset time) => NextSince(Rotated(), time);

    string? NextSince(IReadOnlyList<RotatedFile> rotated, DateTimeOffset time)
    {
        foreach (var file in rotated)
            if (file.Written > time) return file.Path;
        return Current();
    }

    bool HoldsAtPath(OpenedFile file)
    {
        using var current = FileHandles.TryOpen(path);
        return current is not null && OpenedFile.Holds(current, file.Place);
    }

    string? Current() => File.Exists(path) ? path : null;

    static bool IsSame(RotatedFile rotated, OpenedFile file)
    {
        if (rotated.Identity is not null) return rotated.Identity == file.Identity;
        using var other = FileHandles.TryOpen(rotated.Path);
        return other is not null && file.Place.Head.Length > 0 && OpenedFile.Holds(other, file.Place);
    }

    static SafeFileHandle? OpenIfHolds(string name, FilePlace place)
    {
        var file = FileHandles.TryOpen(name);
        if (file is null || OpenedFile.Holds(file, place)) return file;
        file.Dispose();
        return null;
    }

    IReadOnlyList<RotatedFile> Rotated()
    {
        IReadOnlyList<RotatedFile> rotated = [];
        // What is renamed while a directory is listed may be missing in the list, so one list is none.
        Search<object>(name => Rotation.IsRotated(_name, name), files =>
        {
            rotated = files;
            return null;
        });
        return Rotation.Ordered(_name, rotated);
    }

    T? Search<T>(Func<string, bool> isWanted, Func<IReadOnlyList<RotatedFile>, T?> search) where T : class
    {
        for (var (before, searches) = (List(isWanted), 1); ; searches++)
        {
            if (search(before) is { } found) return found;
            var after = List(isWanted);
            if (searches == SearchesMax || IsAsBefore(before, after)) return null;
            before = after;
        }
    }

    static bool IsAsBefore(IReadOnlyList<RotatedFile> before, IReadOnlyList<RotatedFile> after) =>
        before.Select(file => (file.Path, file.Identity)).SequenceEqual(after.Select(file => (file.Path, file.Identity)));

    IReadOnlyList<RotatedFile> List(Func<string, bool> isWanted) =>
        [.. new DirectoryInfo(_directory).EnumerateFiles().Where(file => isWanted(file.Name)
                && FileFacts.Of(file.FullName, followLinks: true) is null or { Entry: StoreEntry.File })
            .Select(file => new RotatedFile(file.FullName, FileIdentity.Of(file.FullName, followLinks: true),
                new DateTimeOffset(file.LastWriteTimeUtc)))
            .OrderBy(file => file.Path, StringComparer.Ordinal)];
}
