using System.Net;

namespace LogPipeline.Worker.Destinations.Loki;

// Loki takes what it can of a stream and answers 400 for the rest, one sentence for each kind of refusal. Two refusals
// have another status and take none: a stream that is new and whose oldest line is older than Loki's schema is a 500,
// and a push that is too large for one of its parts is a 500 or a proxy's 413.
//
// Of a push with several streams Loki's ingester tells only what became of the last one (instance.Push). So a push has
// one stream.

/// <summary>Loki's answer to a push of one stream.</summary>
sealed record LokiAnswer
{
    public const string TooOld = "too_old";
    public const string TooNew = "too_new";
    public const string LineTooLong = "line_too_long";
    public const string BeforeSchema = "before_schema";

    /// <summary>"Blocked": Loki took nothing, and picks a 2xx so that nobody tries again.</summary>
    const int BlockedStatus = 260;

    // Words of Loki's own sentences: validation in its distributor, order in its ingester.
    static readonly (string Words, string Reason)[] OfSomeLines =
    [
        ("too far behind", "too_far_behind"),
        ("timestamp too old", TooOld),
        ("timestamp too new", TooNew),
        ("out of order", "out_of_order"),
        ("max entry size", LineTooLong),
    ];

    static readonly string[] OfLabels =
    [
        "label name too long", "label value too long", "label names; limit", "duplicate label name",
        "at least one label pair", "parse labels", "parsing labels",
    ];

    // What an operator sets or lifts: tried again, and visible, rather than dropped.
    static readonly string[] OfSettings = ["missing required labels", "ingestion blocked", "limit exceeded"];

    // Bounds of one stream: that many streams are there already, or this one is too fast.
    static readonly string[] OfOneStream =
        ["active stream limit", "per stream rate limit", "missing required labels"];

    public static LokiAnswer Taken { get; } = new() { IsLokis = true };

    /// <summary>Why lines of it will never be taken; null: all are taken.</summary>
    public string? Reason { get; private init; }

    /// <summary>A sentence of Loki; else of somebody who may stand in front of it.</summary>
    public bool IsLokis { get; private init; }

    public bool TookNone { get; private init; }

    /// <summary>Without their structured metadata the refused lines may be taken.</summary>
    public bool IsOfMetadata { get; private init; }

    /// <summary>It takes no structured metadata at all.</summary>
    public bool DisallowsMetadata { get; private init; }

    /// <summary>Nanoseconds: what is earlier is older than its schema; null: it does not say so.</summary>
    public long? SchemaIsAfter { get; private init; }

    /// <summary>Why a line that was not taken is surely one of the refused; null: it may not be.</summary>
    public Func<LokiEntry, string?>? ReasonOf { get; private init; }

    /// <returns>Null: the answer says nothing of the lines; try again.</returns>
    public static LokiAnswer? Read(HttpStatusCode status, string body)
    {
        if ((int)status is >= 200 and < 300 and not BlockedStatus) return Taken;
        if (status == HttpStatusCode.RequestEntityTooLarge) return TooLarge;
        if (status == HttpStatusCode.InternalServerError) return OfServerError(body);
        if (status is not (HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity)) return null;
        if (OfSettings.Any(words => Says(body, words))) return null;
        return OfLines(body) ?? new LokiAnswer { Reason = $"answered_{(int)status}" };
    }

    /// <summary>What was asked, or its answer, is more than Loki's parts send each other at once.</summary>
    public static bool IsTooLarge(HttpStatusCode status, string body) =>
        status == HttpStatusCode.InternalServerError && Says(body, "message larger than max");

    /// <summary>Of an answer that says nothing of the lines: other streams may be taken all the same.</summary>
    public static bool IsOfOneStream(string body) => OfOneStream.Any(words => Says(body, words));

    static LokiAnswer TooLarge { get; } = new() { Reason = LineTooLong, IsLokis = true, TookNone = true };

    // A 500 without one of these sentences is trouble of the server and not of a line.
    static LokiAnswer? OfServerError(string body)
    {
        if (IsTooLarge(HttpStatusCode.InternalServerError, body)) return TooLarge;
        if (!Says(body, "no schema config found")) return null;
        var end = LokiSentences.EndOfDayWithoutSchema(body);
        return new LokiAnswer
        {
            Reason = BeforeSchema,
            IsLokis = true,
            TookNone = true,
            SchemaIsAfter = end,
            // A schema begins at midnight, so no line of that day is in one.
            ReasonOf = entry => entry.Nanoseconds < end ? BeforeSchema : null,
        };
    }

    static LokiAnswer? OfLines(string body)
    {
        if (Says(body, "structured metadata"))
            return new LokiAnswer { Reason = "metadata_refused", IsLokis = true, IsOfMetadata = true,
                DisallowsMetadata = Says(body, "disallowed") };
        if (OfLabels.Any(words => Says(body, words)))
            return new LokiAnswer { Reason = "labels_refused", IsLokis = true, TookNone = true,
                ReasonOf = _ => "labels_refused" };
        foreach (var (words, reason) in OfSomeLines)
            if (Says(body, words))
                return new LokiAnswer { Reason = reason, IsLokis = true, ReasonOf = LokiSentences.ReasonsIn(body) };
        return null;
    }

    static bool Says(string body, string words) => body.Contains(words, StringComparison.OrdinalIgnoreCase);
}
