using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using LogPipeline.DurableFiles;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// Where the records of a spool go. What is meant for one destination never goes to another: each has a directory of its
/// own, in which a file, <c>destination</c>, says which it is.
/// </summary>
/// <param name="Address">Temporal's, host:port.</param>
/// <param name="KeyId">The key that encrypts; null: none does.</param>
sealed record SpoolDestination(
    [property: JsonPropertyName("address")] string Address, [property: JsonPropertyName("namespace")] string Namespace,
    [property: JsonPropertyName("taskQueue")] string TaskQueue, [property: JsonPropertyName("key")] string? KeyId)
{
    const string FileName = "destination";
    const char ChanceSeparator = '~';
    const string NewFileName = FileName + ".new";
    const int ReadableLengthMax = 60;
    const int FileBytesMax = 64 * 1024;

    /// <summary>The directory's name: what is readable of the destination, and a part of its SHA-256.</summary>
    public string DirectoryName
    {
        get
        {
            var readable = string.Concat($"{Namespace}@{Address}".Select(c => char.IsAsciiLetterOrDigit(c) || c is '@' or '.' ? c : '-'));
            if (readable.Length > ReadableLengthMax) readable = readable[..ReadableLengthMax];
            var all = string.Join('\n', Address.ToLowerInvariant(), Namespace, TaskQueue, KeyId);
            return $"{readable}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)).AsSpan(0, 4))}";
        }
    }

    /// <summary>
    /// Whether a process of this destination takes over what was meant for the other one: the same namespace and queue of
    /// the same Temporal, and what is sent is protected no less than it was.
    /// </summary>
    public bool Adopts(SpoolDestination other, KeyRing keys) =>
        string.Equals(Address, other.Address, StringComparison.OrdinalIgnoreCase) && Namespace == other.Namespace
        && TaskQueue == other.TaskQueue && (other.KeyId is null || keys.Ids.Contains(other.KeyId));

    /// <summary>What a directory is for; null: it does not say.</summary>
    public static SpoolDestination? Read(StoreDirectory directory)
    {
        if (directory.EntryOf(FileName) != StoreEntry.File) return null;
        try
        {
            using var file = directory.Open(FileName, StoreOpen.Read);
            if (file.Length > FileBytesMax) return null;
            var bytes = new byte[file.Length];
            var read = file.Read(bytes, 0);
            return JsonSerializer.Deserialize(bytes.AsSpan(0, read), SpoolJson.Default.SpoolDestination);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// The directory of this destination; a missing one is made. Where others may write they can take its name: then it
    /// is one whose name begins so, and ends by chance.
    /// </summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public StoreDirectory Open(StoreDirectory top)
    {
        try
        {
            return Settle(top.Directory(DirectoryName));
        }
        catch (Exception e) when (IsTaken(top, e))
        {
            var begin = DirectoryName + ChanceSeparator;
            return top.ListDirectories().Where(name => name.StartsWith(begin, StringComparison.Ordinal))
                .Select(name => SpoolRoot.TryOpen(top, name, _ => { }))
                .FirstOrDefault(directory => directory is not null && Read(directory) == this)
                ?? Settle(top.Directory(begin + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))));
        }
    }

    bool IsTaken(StoreDirectory top, Exception e) => e is (IOException or UnauthorizedAccessException)
        && top.EntryOf(DirectoryName) != StoreEntry.None && SpoolRoot.TryOpen(top, DirectoryName, _ => { }) is null;

    StoreDirectory Settle(StoreDirectory directory)
    {
        if (Read(directory) == this) return directory;
        // Whatever has the name is a torn attempt, or not ours.
        directory.Delete(NewFileName);
        using (var file = directory.Open(NewFileName, StoreOpen.New))
        {
            file.Write(JsonSerializer.SerializeToUtf8Bytes(this, SpoolJson.Default.SpoolDestination), 0);
            file.Sync();
        }
        directory.Replace(NewFileName, FileName);
        return directory;
    }

    /// <summary>For people.</summary>
    public override string ToString() =>
        $"namespace {Namespace} at {Address}, queue {TaskQueue}, {(KeyId is null ? "no key" : $"key {KeyId}")}";
}

[JsonSerializable(typeof(SpoolDestination))]
sealed partial class SpoolJson : JsonSerializerContext;
