namespace LogPipeline.Worker.Observability;

/// <summary>
/// The way of one canary. Each time is in seconds since the event; null: it did not come there, or is not looked for there.
/// </summary>
/// <param name="Batch">Its batch.</param>
/// <param name="At">When it was logged.</param>
sealed record CanaryResult(string Batch, DateTimeOffset At)
{
    /// <summary>Temporal has the batch.</summary>
    public double? AcceptedSeconds { get; init; }

    /// <summary>A worker gave the receipt.</summary>
    public double? WrittenSeconds { get; init; }

    /// <summary>The line was read in its file; null also where that is on another machine.</summary>
    public double? ReadSeconds { get; init; }

    /// <summary>Loki answered with the line.</summary>
    public double? LokiSeconds { get; init; }

    /// <summary>Where the line lies; null: it is not written.</summary>
    public string? File { get; init; }

    /// <summary>The worker that wrote it.</summary>
    public string? Worker { get; init; }

    /// <summary>Why it is missing, in a sentence; null: it came everywhere.</summary>
    public string? Problem { get; init; }

    /// <summary>The time of each stage that it came to.</summary>
    public IEnumerable<(string Stage, double Seconds)> Stages() =>
        new[] { ("accepted", AcceptedSeconds), ("written", WrittenSeconds), ("read", ReadSeconds), ("loki", LokiSeconds) }
            .Where(stage => stage.Item2 is not null).Select(stage => (stage.Item1, stage.Item2!.Value));
}
