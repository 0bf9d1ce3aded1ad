using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace LogPipeline.Worker.DeadLetters;

// On disk, in <log directory>/dead-letters, one file a batch, <source>~<instance>~<first sequence>~<crc32c>.dead:
//
//     head    DeadLetterHead as JSON, one line, LF
//     bytes   the parts that could not be written, as they were received, one behind the other; the head has their form
//
// The name follows from batch and bytes, so that a batch that is tried again makes the same file. It is written under a
// name that ends with .tmp, synced, and renamed.

/// <summary>The part of a batch that can never be written, with its bytes as they were received.</summary>
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

    /// <summary>Whether a text may be a letter's name: one file's name and no path.</summary>
    public static bool IsName(string text) => text.Length is > 5 and <= 255 && text[0] != '.'
        && text.EndsWith(Extension, StringComparison.Ordinal)
        && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '~');

    public byte[] ToBytes() =>
        [.. JsonSerializer.SerializeToUtf8Bytes(Head, DeadLetterJson.Default.DeadLetterHead), (byte)'\n',
            .. Bytes.Span];

    /// <exception cref="InvalidDataException">It is no dead letter, or damaged.</exception>
    public static DeadLetter FromBytes(string name, ReadOnlyMemory<byte> file)
    {
        try
        {
            var end = file.Span.IndexOf((byte)'\n');
            var head = JsonSerializer.Deserialize(file.Span[..Math.Max(0, end)], DeadLetterJson.Default.DeadLetterHead)
                ?? throw new InvalidDataException($"{name} is no dead letter: its head is null.");
            var bytes = file[(end + 1)..];
            if (Crc32C.Compute(bytes.Span) != head.Crc)
                throw new InvalidDataException($"The bytes of dead letter {name} are not those that were put into it.");
            return new DeadLetter(head, bytes);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name} is no dead letter: {e.Message}", e);
        }
    }
}

[JsonSourceGenerationOptions(WriteIndented = false)]
[JsonSerializable(typeof(DeadLetterHead))]
[JsonSerializable(typeof(LogBatchHeader))]
[JsonSerializable(typeof(IReadOnlyList<ListedLetter>))]
sealed partial class DeadLetterJson : JsonSerializerContext;
