using System.Text.Json.Serialization;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace LogPipeline.Worker.Web;

/// <summary>
/// <c>GET /api/channels</c>: each channel's files, and what was written to it since the start. The directory is looked at
/// when somebody asks, and every five seconds at most.
/// </summary>
sealed class ChannelsEndpoint(StoreDirectory root, WorkerBooks books, TimeProvider time) : IWebEndpoints
{
    /// <summary>Channels of an answer; more are counted alone.</summary>
    public const int ChannelsMax = 1_000;

    static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    readonly SemaphoreSlim _gate = new(1);
    Dictionary<string, ChannelFiles> _files = [];
    long? _lookedAt;

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/channels", async (CancellationToken cancellationToken) =>
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_lookedAt is not { } at || time.GetElapsedTime(at) >= LookInterval) Look();
            return Results.Json(Answer(), ChannelsJson.Default.ChannelsAnswer);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Results.Text($"The log directory {root.Path} cannot be read: {e.Message}\n",
                statusCode: StatusCodes.Status503ServiceUnavailable);
        }
        finally
        {
            _gate.Release();
        }
    });

    void Look()
    {
        _files = StoredLogFile.StatsOf(root).GroupBy(file => file.Name.Channel.ToString(), StringComparer.Ordinal)
            .ToDictionary(channel => channel.Key, ChannelFiles.Of, StringComparer.Ordinal);
        _lookedAt = time.GetTimestamp();
    }

    ChannelsAnswer Answer()
    {
        var volume = books.Read().Volume.ToLookup(one => one.Channel, StringComparer.Ordinal);
        var rates = books.ReadChannelRates();
        // Beyond the channels that are told apart it is not known whether a channel had some.
        var isComplete = !volume.Contains(WorkerBooks.Others);
        var names = _files.Keys.Union(rates.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        return new ChannelsAnswer(names.Count, [.. names.Take(ChannelsMax).Select(name =>
        {
            var isKnown = isComplete || rates.ContainsKey(name);
            var files = _files.GetValueOrDefault(name);
            return new ChannelAnswer
            {
                Name = name, Files = files.Count, Bytes = files.Bytes, Oldest = files.Oldest, Newest = files.Newest,
                LastWritten = files.LastWritten,
                RecordsSinceStart = isKnown ? volume[name].Sum(one => one.Records) : null,
                RecordsByLevel = isKnown ? volume[name].ToDictionary(one => one.Level, one => one.Records) : null,
                RecordsPerSecond = isKnown ? rates.GetValueOrDefault(name) : null,
            };
        })]);
    }

    readonly record struct ChannelFiles(int Count, long Bytes, DateOnly? Oldest, DateOnly? Newest, DateTimeOffset? LastWritten)
    {
        public static ChannelFiles Of(IEnumerable<LogFileStat> files)
        {
            var all = files.ToList();
            return new ChannelFiles(all.Count, all.Sum(file => file.Bytes), all[0].Name.Day, all[^1].Name.Day,
                all.Max(file => file.LastWritten));
        }
    }
}

/// <summary>The answer of <c>/api/channels</c>, by name.</summary>
/// <param name="Total">All there are, also when not all are here.</param>
/// <param name="Channels">The first <see cref="ChannelsEndpoint.ChannelsMax"/>.</param>
sealed record ChannelsAnswer(int Total, IReadOnlyList<ChannelAnswer> Channels);

sealed record ChannelAnswer
{
    /// <summary>Its directory's name.</summary>
    public required string Name { get; init; }
    public required int Files { get; init; }
    public required long Bytes { get; init; }

    /// <summary>The day of its oldest file; null: it has none.</summary>
    public required DateOnly? Oldest { get; init; }
    public required DateOnly? Newest { get; init; }
    public required DateTimeOffset? LastWritten { get; init; }

    /// <summary>Null: it came after the 100 channels that are counted apart.</summary>
    public required long? RecordsSinceStart { get; init; }

    /// <inheritdoc cref="RecordsSinceStart"/>
    public required IReadOnlyDictionary<string, long>? RecordsByLevel { get; init; }

    /// <summary>Over the last minute.</summary>
    public required double? RecordsPerSecond { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ChannelsAnswer))]
sealed partial class ChannelsJson : JsonSerializerContext;
