using System.Text.Json.Serialization;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>The head of a dead letter.</summary>
sealed record DeadLetterHead
{
    [JsonPropertyName("version")] public int Version { get; init; } = 1;

    /// <summary>The workflow's id, which is the batch's name.</summary>
    [JsonPropertyName("workflow")] public required string Workflow { get; init; }
    [JsonPropertyName("at")] public required DateTimeOffset At { get; init; }

    /// <summary>Null: it could not be read.</summary>
    [JsonPropertyName("header")] public required LogBatchHeader? Header { get; init; }
    [JsonPropertyName("parts")] public required IReadOnlyList<DeadLetterPart> Parts { get; init; }
    [JsonPropertyName("crc32c")] public required uint Crc { get; init; }

    /// <summary>What all parts are; those of one letter have one form.</summary>
    [JsonIgnore] public DeadLetterForm Form => Parts.Count == 0 ? DeadLetterForm.Line : Parts[0].Form;

    [JsonIgnore] public int RecordCount => Parts.Sum(part => part.RecordCount);
}

/// <summary>Neighbouring records that cannot be written for one reason.</summary>
sealed record DeadLetterPart
{
    const int ReasonLengthMax = 1_000;

    /// <summary>Which of the batch's records, from 0.</summary>
    [JsonPropertyName("index")] public required int Index { get; init; }

    /// <summary>How many; 0: not known, as with a header that names more than a batch may have.</summary>
    [JsonPropertyName("records")] public required int RecordCount
    {
        get;
        init => field = value is > 0 and <= PipelineDefaults.BatchRecordsLimit ? value : 0;
    }

    [JsonPropertyName("bytes")] public required int Length { get; init; }

    /// <summary>A sentence; one that quotes too much is cut.</summary>
    [JsonPropertyName("reason")] public required string Reason
    {
        get;
        init => field = value.Length <= ReasonLengthMax ? value : value[..ReasonLengthMax] + "…";
    }

    [JsonPropertyName("form")] public DeadLetterForm Form { get; init; }
}

/// <summary>What the bytes of a part are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DeadLetterForm>))]
enum DeadLetterForm
{
    /// <summary>A record and a line feed.</summary>
    Line,

    /// <summary>A batch's records array.</summary>
    Array,

    /// <summary>The workflow's arguments as Temporal had them: a serialized temporal.api.common.v1.Payloads.</summary>
    Input,
}
