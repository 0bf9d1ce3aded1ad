using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace LogPipeline.Worker.DeadLetters;

// On disk, in <log directory>/dead-letters, one file a batch, <source>~<instance>~<first sequence>~<crc32c>.dead:
//
//     head    DeadLetterHead as JSON, one line, LF
//     bytes   the parts that could not be written, as they came, one behind the other; what they are says the head
//
// The name follows from batch and bytes, so that a batch that is tried again makes the same file. It is written under a
// name that ends with .tmp, synced, and renamed.

/// <summary>The part of a batch that can never be written, with its bytes as they came.</summary>
sealed record DeadLetter(DeadLetterHead Head, ReadOnlyMemory<byte> Bytes)
{
    public const string Extension = ".dead";

    /// <summary>The file's name, by which people name the letter.</summary>
    public string Name
    {
        get
        {
            var batch = BatchId.TryParse(Head.Workflow, out var id)
                ? $"{id.Source}~{id.Instance}~{id.FirstSequence:d12}"
                : $"~{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Head.Workflow)).AsSpan(0, 16))}";
            return $"{batch}~{Head.Crc:x8}{Extension}";
        }
    }

    public byte[] ToBytes() => [.. JsonSerializer.SerializeToUtf8Bytes(Head, DeadLetterJson.Default.DeadLetterHead), (byte)'\n', .. Bytes.Span];

    /// <exception cref="InvalidDataException">It is no dead letter, or damaged.</exception>
    public static DeadLetter FromBytes(string name, ReadOnlyMemory<byte> file)
    {
        try
        {
            var end = file.Span.IndexOf((byte)'\n');
            var head = JsonSerializer.Deserialize(file.Span[..Math.Max(0, end)], DeadLetterJson.Default.DeadLetterHead)
                ?? throw new InvalidDataException($"{name} is no dead letter: its head is null.");
            var bytes = file[(end + 1)..];
            if (Crc32C.Compute(bytes.Span) != head.Crc) throw new InvalidDataException($"The bytes of dead letter {name} are not those that were put into it.");
            return new DeadLetter(head, bytes);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name} is no dead letter: {e.Message}", e);
        }
    }
}

/// <summary>What a dead letter says of itself.</summary>
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
    /// <summary>Which of the batch's records, from 0, and how many.</summary>
    [JsonPropertyName("index")] public required int Index { get; init; }
    [JsonPropertyName("records")] public required int RecordCount { get; init; }
    [JsonPropertyName("bytes")] public required int Length { get; init; }
    [JsonPropertyName("reason")] public required string Reason { get; init; }

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

[JsonSourceGenerationOptions(WriteIndented = false)]
[JsonSerializable(typeof(DeadLetterHead))]
[JsonSerializable(typeof(IReadOnlyList<ListedLetter>))]
sealed partial class DeadLetterJson : JsonSerializerContext;

/// <summary>A line of <c>logworker dead-letters list</c>.</summary>
sealed record ListedLetter
{
    [JsonPropertyName("name")] public required string Name { get; init; }
    [JsonPropertyName("bytes")] public required long Bytes { get; init; }

    /// <summary>Null: the file is damaged.</summary>
    [JsonPropertyName("head")] public required DeadLetterHead? Head { get; init; }
    [JsonPropertyName("problem"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Problem { get; init; }
}
