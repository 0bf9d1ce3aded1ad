using System.Text.Json.Serialization;
using Temporalio.Activities;
using Temporalio.Converters;

namespace LogPipeline.Workflows;

/// <summary>What the workflow may ask of a worker once the batch is in its file.</summary>
public interface ILogDeliveryActivity
{
    /// <summary>Brings a batch to a destination. Called again with the same batch, it changes nothing there and says the same.</summary>
    /// <param name="delivery">Where to.</param>
    /// <param name="header">What the batch holds.</param>
    /// <param name="records">The records array (<see cref="LogBatchRecords"/>), as bytes.</param>
    [Activity(PipelineDefaults.DeliveryActivityName)]
    Task<DeliveryReceipt> DeliverAsync(LogDelivery delivery, LogBatchHeader header, IRawValue records);
}

/// <summary>A destination behind the file, and for how long it is tried.</summary>
public sealed record DeliveryTarget
{
    [JsonPropertyName("destination")] public required string Destination { get; init; }

    /// <summary>From the file's receipt on; then the batch is left to its file.</summary>
    [JsonPropertyName("giveUpAfterSeconds")] public required double GiveUpAfterSeconds { get; init; }
}

/// <summary>What a delivery needs to know beside the batch.</summary>
public sealed record LogDelivery
{
    [JsonPropertyName("destination")] public required string Destination { get; init; }

    /// <summary>The folders that the batch's channels have; a channel that has none here was put into <c>overflow</c>.</summary>
    [JsonPropertyName("folders")] public required IReadOnlyList<string> Folders { get; init; }
}

/// <summary>What came of a delivery.</summary>
public sealed record DeliveryReceipt
{
    [JsonPropertyName("destination")] public required string Destination { get; init; }

    /// <summary>Records that the destination took.</summary>
    [JsonPropertyName("records")] public int RecordCount { get; init; }

    /// <summary>Records that it will never take, by reason; they are in their file. Null: there are none.</summary>
    [JsonPropertyName("refused"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyDictionary<string, int>? Refused { get; init; }

    /// <summary>Why the whole batch was left to its file; null: it was not.</summary>
    [JsonPropertyName("failure"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Failure { get; init; }
}
