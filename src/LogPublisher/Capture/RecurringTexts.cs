namespace LogPipeline.Publisher.Capture;

/// <summary>
/// What was made of the texts read last, found again by their UTF-8. A fixed number of places, so that texts made up at run time
/// take no memory; two that meet in one take turns. For one thread.
/// </summary>
sealed class RecurringTexts<T>(Func<string, T> make)
{
    const int Places = 1024;
    const int BytesMax = 4096;

    readonly (byte[] Utf8, T Made)[] _places = new (byte[], T)[Places];

    public T Of(ReadOnlySpan<byte> utf8)
    {
        var hash = new HashCode();
        hash.AddBytes(utf8);
        ref var place = ref _places[hash.ToHashCode() & (Places - 1)];
        if (place.Utf8 is not null && utf8.SequenceEqual(place.Utf8)) return place.Made;
        var made = make(Encoding.UTF8.GetString(utf8));
        if (utf8.Length <= BytesMax) place = (utf8.ToArray(), made);
        return made;
    }
}
