using LogPipeline.Worker.Batches;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>A letter as a page lists it. What its head does not tell is null.</summary>
record LetterSummary
{
    const int ChannelsShownMax = 5;

    /// <summary>The file's name, by which people name it.</summary>
    public required string Id { get; init; }
    public required long Bytes { get; init; }

    /// <summary>The workflow's id, which is the batch's name.</summary>
    public string? Workflow { get; init; }
    public string? Source { get; init; }
    public string? Instance { get; init; }

    /// <summary>The sequence number of its first record.</summary>
    public long? First { get; init; }

    /// <summary>How many; null: not known.</summary>
    public int? Records { get; init; }

    /// <summary>Those of its batch, the most frequent first, separated by commas.</summary>
    public string? Channel { get; init; }
    public string? Reason { get; init; }
    public DateTimeOffset? At { get; init; }

    /// <summary>It was dead before, and was tried again.</summary>
    public bool IsRetried { get; init; }

    /// <summary>Its workflow in Temporal's UI; null: the UI's address is not known.</summary>
    public string? WorkflowUrl { get; init; }

    /// <summary>Why the file cannot be read; null: it can.</summary>
    public string? Problem { get; init; }

    public static LetterSummary Of(ListedLetter letter)
    {
        if (letter.Head is not { } head) return new LetterSummary { Id = letter.Name, Bytes = letter.Bytes, Problem = letter.Problem };
        BatchId? batch = BatchId.TryParse(head.Workflow, out var id) ? id : null;
        return new LetterSummary
        {
            Id = letter.Name, Bytes = letter.Bytes, Workflow = head.Workflow, Source = batch?.Source, Instance = batch?.Instance,
            First = batch?.FirstSequence + head.Parts.FirstOrDefault()?.Index,
            Records = head.RecordCount > 0 ? head.RecordCount : null, Channel = ChannelsOf(head.Header),
            Reason = head.Parts.FirstOrDefault()?.Reason, At = head.At,
            IsRetried = head.Header?.RetryOf is not null || batch?.Source == BatchAdmission.RetrySource,
        };
    }

    /// <summary>Whether a text stands in it, in any case.</summary>
    public bool Contains(string text) => new[] { Id, Workflow, Channel, Reason, Problem }
        .Any(field => field?.Contains(text, StringComparison.OrdinalIgnoreCase) == true);

    static string? ChannelsOf(LogBatchHeader? header) => header?.Channels is { Count: > 0 } channels
        ? string.Join(", ", channels.OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal)
            .Take(ChannelsShownMax).Select(one => one.Key))
        : null;
}
