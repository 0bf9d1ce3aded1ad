namespace LogPipeline.Publisher.Capture;

/// <summary>How much of one event is kept. What goes beyond is cut, and the record says so.</summary>
/// <param name="RecordBytesMax">Largest record in bytes.</param>
/// <param name="StringLengthMax">Longest text of one property, in characters; the message has the record's own room.</param>
/// <param name="CollectionCountMax">Most elements of one sequence, structure or dictionary.</param>
/// <param name="DepthMax">Deepest nesting of sequences, structures and dictionaries.</param>
readonly record struct CaptureLimits(int RecordBytesMax, int StringLengthMax, int CollectionCountMax, int DepthMax)
{
    public static CaptureLimits Default { get; } = new(200_000, 32_768, 1_000, 10);
}
