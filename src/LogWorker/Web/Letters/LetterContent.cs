using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using LogPipeline.Worker.DeadLetters;

namespace LogPipeline.Worker.Web.Letters;

/// <summary>One letter with what is in it.</summary>
sealed record LetterContent : LetterSummary
{
    const int PartsMax = 100;
    const int LinesMax = 500;
    const int LineBytesMax = 16 * 1024;
    const int BytesMax = 256 * 1024;

    [SetsRequiredMembers]
    LetterContent(LetterSummary letter, IReadOnlyList<DeadLetterPart> parts, IReadOnlyList<string> lines, bool isCut) : base(letter) =>
        (Parts, Lines, IsCut) = (parts, lines, isCut);

    /// <summary>Which records, and why each is dead.</summary>
    public IReadOnlyList<DeadLetterPart> Parts { get; }

    /// <summary>The records as they came; what is no text is shown with replacement characters.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Not all is here; <c>logworker dead-letters show --raw</c> has it.</summary>
    public bool IsCut { get; }

    public static LetterContent Of(ListedLetter listed, DeadLetter letter)
    {
        var lines = new List<string>();
        var isCut = letter.Head.Parts.Count > PartsMax;
        var rest = letter.Bytes.Span;
        var left = BytesMax;
        while (!rest.IsEmpty && left > 0 && lines.Count < LinesMax)
        {
            var end = rest.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? [] : rest[(end + 1)..];
            var shown = Math.Min(line.Length, Math.Min(LineBytesMax, left));
            isCut |= shown < line.Length;
            left -= shown;
            lines.Add(Encoding.UTF8.GetString(line[..shown]));
        }
        return new LetterContent(LetterSummary.Of(listed), [.. letter.Head.Parts.Take(PartsMax)], lines, isCut || !rest.IsEmpty);
    }
}

/// <param name="Id">The letter, which is gone.</param>
/// <param name="Batch">The workflow that its records are now.</param>
sealed record SentLetter(string Id, string Batch);

/// <param name="Id">The letter, which is gone.</param>
sealed record PurgedLetter(string Id);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LetterPage))]
[JsonSerializable(typeof(LetterContent))]
[JsonSerializable(typeof(SentLetter))]
[JsonSerializable(typeof(PurgedLetter))]
sealed partial class LettersJson : JsonSerializerContext;
