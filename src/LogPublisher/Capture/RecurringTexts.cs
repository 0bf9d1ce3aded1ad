namespace LogPipeline.Publisher.Capture;

/// <summary>
/// What was made of the texts read last, found again by their UTF-8. A fixed number of slots, so that texts made up at
/// run time take no memory; two that share a slot take turns. For one thread.
/// </summary>
sealed class RecurringTexts<T>(Func<string, T> make)
{
    const int Slots = 1024;
    const int BytesMax = 4096;

    readonly (byte[] Utf8, T Made)[] _slots = new (byte[], T)[Slots];

    public T Of(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var slot = ref _slots[hash.ToHashCode() & (Slots - 1)];
        if (slot.Utf8 is not null && utf8.SequenceEqual(slot.Utf8)) return slot.Made;
        var made = make(Encoding.UTF8.GetString(utf8));
        if (utf8.Length <= BytesMax) slot = (utf8.ToArray(), made);
        return made;
    }
}
