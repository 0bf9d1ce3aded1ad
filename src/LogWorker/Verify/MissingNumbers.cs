namespace LogPipeline.Worker.Verify;

/// <summary>Finds the numbers that are in no directory that was looked at, and ought to be.</summary>
static class MissingNumbers
{
    /// <summary>Numbers between others that are here.</summary>
    public static void FindGaps(VerifyBook book)
    {
        // What the ledger has forgotten may have been removed with its file.
        var known = book.Known;
        foreach (var (stream, seen) in book.Seen)
        {
            var from = known.Count == 0 ? 0 : known.GetValueOrDefault(stream, long.MaxValue);
            var excused = book.Excused.GetValueOrDefault(stream);
            var next = -1L;
            foreach (var number in seen.Numbers())
            {
                if (book.OpenEnds.Contains((stream.Source, stream.Instance, next))) next = number;
                for (; next >= 0 && next < number; next++)
                    if (next >= from && excused?.Contains(next) != true) book.Lose(stream, next, "Its neighbours are here.");
                next = number + 1;
            }
        }
    }

    /// <summary>Numbers of which the sender was told that they are accepted.</summary>
    public static void FindAcknowledged(VerifyBook book, Dictionary<(string Source, string Instance), SequenceSet> acknowledged)
    {
        foreach (var (stream, numbers) in acknowledged)
        {
            var (seen, excused) = (book.Seen.GetValueOrDefault(stream), book.Excused.GetValueOrDefault(stream));
            foreach (var number in numbers.Numbers())
                if (seen?.Contains(number) != true && excused?.Contains(number) != true) book.Lose(stream, number, "Its sender was told that it is accepted.");
        }
    }
}
