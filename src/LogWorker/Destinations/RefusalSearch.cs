namespace LogPipeline.Worker.Destinations;

// A destination is sent many records at once. Where it refuses some, or all because of one, it may name them, or count
// them, or say nothing. So what it names is refused and the rest is sent again; where it names none, the rest is halved
// until the bad record stands alone. One bad record of n costs 2 log2(n) sends, and every other record arrives.
//
// Halves go in the records' order, because a destination may refuse what comes behind newer ones.
//
// Only an answer that refuses leads here. No answer, "too busy" and "not allowed" say nothing of a record: the sender
// throws, the whole batch is tried again, and nothing is halved.

/// <summary>Sends records of a batch, and refuses alone those that their destination will never take.</summary>
/// <param name="refused">Where the refused are counted.</param>
sealed class RefusalSearch<T>(RefusedRecords refused)
{
    /// <summary>Sends of one batch that may be refused; a portion that is refused after so many counts as
    /// undecided.</summary>
    public const int RefusedSendsMax = 2_000;

    public const string Undecided = "undecided";

    int _refusedSends;

    /// <param name="records">In the order in which they are to arrive.</param>
    /// <param name="send">Sends some of them; throws where nothing is known of them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task SendAsync(IReadOnlyList<T> records,
        Func<IReadOnlyList<T>, CancellationToken, Task<SendOutcome<T>>> send, CancellationToken cancellationToken)
    {
        var waiting = new Stack<IReadOnlyList<T>>([records]);
        while (waiting.TryPop(out var portion))
        {
            if (portion.Count == 0) continue;
            var outcome = await send(portion, cancellationToken).ConfigureAwait(false);
            if (outcome.Reason is not { } reason || outcome.Left.Count == 0) continue;
            _refusedSends++;
            var left = WithoutNamed(outcome);
            if (left.Count < outcome.Left.Count) waiting.Push(left);
            else if (left.Count == 1) refused.Add(reason);
            else if (_refusedSends >= RefusedSendsMax) refused.Add(Undecided, left.Count);
            else PushHalves(waiting, left);
        }
    }

    List<T> WithoutNamed(SendOutcome<T> outcome)
    {
        var left = new List<T>(outcome.Left.Count);
        foreach (var record in outcome.Left)
        {
            if (outcome.ReasonOf?.Invoke(record) is { } reason) refused.Add(reason);
            else left.Add(record);
        }
        return left;
    }

    static void PushHalves(Stack<IReadOnlyList<T>> waiting, List<T> records)
    {
        var middle = records.Count / 2;
        waiting.Push(records.GetRange(middle, records.Count - middle));
        waiting.Push(records.GetRange(0, middle));
    }
}

/// <summary>What a destination said of records that were sent together.</summary>
/// <param name="Reason">Why it refused some or all of them; null: it took all.</param>
/// <param name="Left">Those that it does not have, as far as is known, in their order.</param>
/// <param name="ReasonOf">Why one of these is among the refused; null: it may not be.</param>
readonly record struct SendOutcome<T>(string? Reason, IReadOnlyList<T> Left, Func<T, string?>? ReasonOf = null)
{
    public static SendOutcome<T> Taken => new(null, []);
}
