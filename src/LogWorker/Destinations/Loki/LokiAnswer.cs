using System.Net;
using System.Text.RegularExpressions;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>Loki's answer to a push.</summary>
/// <param name="Refusal">Why some lines of it will never be taken, the others being taken; null: all are.</param>
/// <param name="OldestTaken">With a refusal: older lines are the refused ones; null: unknown.</param>
readonly partial record struct LokiAnswer(string? Refusal, DateTimeOffset? OldestTaken)
{
    // Words of Loki's own messages (validation in its distributor, order in its ingester). Another text is not about a
    // line: a proxy's 400, or a limit that an operator can raise. Such a push is tried again, and visible, rather than
    // dropped.
    static readonly (string Words, string Reason)[] Refusals =
    [
        ("too far behind", "too_far_behind"),
        ("timestamp too old", "too_old"),
        ("timestamp too new", "too_new"),
        ("out of order", "out_of_order"),
        ("max entry size", "line_too_long"),
        ("structured metadata", "metadata_refused"),
        ("label name too long", "labels_refused"),
        ("label value too long", "labels_refused"),
        ("label names; limit", "labels_refused"),
    ];

    /// <returns>Null: the answer is not about the lines; try again.</returns>
    public static LokiAnswer? Read(HttpStatusCode status, string body)
    {
        if ((int)status is >= 200 and < 300) return new LokiAnswer(null, null);
        if (status != HttpStatusCode.BadRequest) return null;
        foreach (var (words, reason) in Refusals)
            if (body.Contains(words, StringComparison.OrdinalIgnoreCase)) return new LokiAnswer(reason, Oldest(body));
        return null;
    }

    static DateTimeOffset? Oldest(string body)
    {
        var found = OldestAcceptable().Match(body);
        return found.Success && DateTimeOffset.TryParse(found.Groups["time"].ValueSpan, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal, out var time) ? time : null;
    }

    [GeneratedRegex(@"oldest acceptable timestamp is: (?<time>\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d))",
        RegexOptions.None, 1000)]
    private static partial Regex OldestAcceptable();
}
