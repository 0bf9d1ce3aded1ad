using System.Text.Json.Serialization;

namespace LogPipeline.Worker.Observability;

// On disk, in <log directory>/.state/history.json: the answer of /api/history. It is written under a name that ends with .tmp,
// synced, and renamed.

/// <summary>Keeps the history over a restart. Without it the worker runs as well.</summary>
sealed class HistoryFile(Func<StoreDirectory> open)
{
    /// <summary>The directory's name in the log directory; no channel has it.</summary>
    public const string DirectoryName = ".state";

    public const string Name = "history.json";
    const string Unfinished = Name + ".tmp";

    /// <summary>Four times what an hour takes.</summary>
    const int BytesMax = 512 * 1024;

    /// <returns>None when there is no file, or one that was not written here.</returns>
    public IReadOnlyList<HistoryPoint> Read()
    {
        try
        {
            var directory = open();
            if (directory.EntryOf(Name) != StoreEntry.File) return [];
            using var file = directory.Open(Name, StoreOpen.Read);
            if (file.Length > BytesMax) return [];
            var bytes = new byte[file.Length];
            var history = JsonSerializer.Deserialize(bytes.AsSpan(0, file.Read(bytes, 0)), HistoryJson.Default.SavedHistory);
            return [.. (history?.Points ?? []).OfType<HistoryPoint>()];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    /// <exception cref="IOException">It cannot be written now.</exception>
    public void Write(HistoryPoint[] points)
    {
        var directory = open();
        // Whatever has the name: a torn attempt, a link, a pipe.
        directory.Delete(Unfinished);
        using (var file = directory.Open(Unfinished, StoreOpen.New))
        {
            var history = new SavedHistory(StatsHistory.Step.TotalSeconds, points);
            file.Write(JsonSerializer.SerializeToUtf8Bytes(history, HistoryJson.Default.SavedHistory), 0);
            file.Sync();
        }
        directory.Replace(Unfinished, Name);
    }
}

/// <param name="StepSeconds">Between two points.</param>
/// <param name="Points">The newest last.</param>
sealed record SavedHistory(double StepSeconds, HistoryPoint[]? Points);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(SavedHistory))]
sealed partial class HistoryJson : JsonSerializerContext;
