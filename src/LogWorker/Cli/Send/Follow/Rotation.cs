namespace LogPipeline.Worker.Cli.Send.Follow;

/// <summary>A file beside the one that is followed, whose name says that it was that one.</summary>
readonly record struct RotatedFile(string Path, FileIdentity? Identity, DateTimeOffset Written)
{
    public string Name => System.IO.Path.GetFileName(Path);
}

/// <summary>The names and the order of files that were rotated.</summary>
static class Rotation
{
    /// <summary>Numbers of more digits are dates.</summary>
    const int NumberDigitsMax = 5;

    static readonly string[] Packed = [".gz", ".zst", ".xz", ".bz2", ".lz4", ".zip"];

    /// <summary>
    /// Whether a name is one that rotation gives: <c>app.log.1</c>, <c>app.log-20261130</c>, or with the number before
    /// the end, <c>app.1.log</c>. Packed files are none, as nothing can be read on in them.
    /// </summary>
    /// <param name="name">Of the file that is followed.</param>
    public static bool IsRotated(string name, string other) =>
        PartOf(name, other) is { Length: > 1 } part && part[0] is '.' or '-' or '_' && part.Any(char.IsAsciiDigit)
            && !Packed.Any(end => other.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Oldest first: where all have a small number the highest is the oldest, otherwise the last write tells, and
    /// between those of one moment the name.
    /// </summary>
    public static IReadOnlyList<RotatedFile> Ordered(string name, IEnumerable<RotatedFile> files)
    {
        var all = files.Select(file => (File: file, Number: NumberOf(name, file.Name))).ToList();
        return all.TrueForAll(file => file.Number is not null)
            ? [.. all.OrderByDescending(file => file.Number).Select(file => file.File)]
            : [.. all.Select(file => file.File).OrderBy(file => file.Written).ThenBy(file => file.Name,
                StringComparer.Ordinal)];
    }

    static int? NumberOf(string name, string other) =>
        PartOf(name, other) is { Length: > 1 and <= NumberDigitsMax + 1 } part
        && int.TryParse(part.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number : null;

    /// <summary>What the other name has more; null: it is no such name.</summary>
    static string? PartOf(string name, string other)
    {
        if (other.Length <= name.Length) return null;
        if (other.StartsWith(name, StringComparison.Ordinal)) return other[name.Length..];
        var end = Path.GetExtension(name);
        var stem = name[..^end.Length];
        return stem.Length > 0 && other.StartsWith(stem, StringComparison.Ordinal)
            && other.EndsWith(end, StringComparison.Ordinal) && other.Length > stem.Length + end.Length
                ? other[stem.Length..^end.Length] : null;
    }
}
