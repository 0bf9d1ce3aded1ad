using System.Text.Json;
using System.Text.Json.Serialization;

namespace LogPipeline.Publisher.AspNetCore;

/// <summary>What is answered.</summary>
/// <param name="Source">The application's name in the records.</param>
/// <param name="Instance">This start of it.</param>
/// <param name="Stats">Where its events are.</param>
sealed record PublisherStatus(string Source, string Instance, PublisherStats Stats);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    Converters = [typeof(BreakerNames), typeof(FilterNames), typeof(DropNames)])]
[JsonSerializable(typeof(PublisherStatus))]
sealed partial class StatusJson : JsonSerializerContext;

// As in the tags of metrics: queue_full.
sealed class BreakerNames() : JsonStringEnumConverter<BreakerState>(JsonNamingPolicy.SnakeCaseLower);

sealed class FilterNames() : JsonStringEnumConverter<FilterReason>(JsonNamingPolicy.SnakeCaseLower);

sealed class DropNames() : JsonStringEnumConverter<DropReason>(JsonNamingPolicy.SnakeCaseLower);
