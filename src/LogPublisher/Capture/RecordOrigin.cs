namespace LogPipeline.Publisher.Capture;

/// <summary>
/// The fields of a record that are the same for all of one start of an application, but for level and channel: those
/// that say where it comes from and how severe it is. For each level and the default channel they are made once.
/// </summary>
sealed class RecordOrigin
{
    // By level: ,"@l":…
    static readonly byte[][] ClefLevels = OfEachLevel(WriteClefLevel);

    // ,"source":… up to the sequence number.
    readonly byte[] _start;
    // By level: ,"level":… up to the sequence number, for the default channel.
    readonly byte[][] _ofDefaultChannel;

    public RecordOrigin(string source, string instance, string defaultChannel)
    {
        Source = source;
        Instance = instance;
        DefaultChannel = defaultChannel;
        _start = Encoding.UTF8.GetBytes(
            $",\"{RecordFields.Source}\":\"{source}\",\"{RecordFields.Instance}\":\"{instance}\",\"{RecordFields.Sequence}\":");
        _ofDefaultChannel = OfEachLevel((buffer, level) => Write(buffer, level, defaultChannel));
    }

    public string Source { get; }
    public string Instance { get; }
    public string DefaultChannel { get; }

    /// <summary>Bytes of source and instance with their names.</summary>
    public int StartBytes => _start.Length;

    /// <summary>A level in Loki's vocabulary.</summary>
    public static string LokiLevel(LogEventLevel level) => level switch
    {
        LogEventLevel.Verbose => "trace",
        LogEventLevel.Debug => "debug",
        LogEventLevel.Information => "info",
        LogEventLevel.Warning => "warning",
        LogEventLevel.Error => "error",
        LogEventLevel.Fatal => "fatal",
        // A number cast to a level: below all of them or above.
        _ => level < LogEventLevel.Verbose ? "trace" : "fatal",
    };

    /// <summary>CLEF's own field, which is left out for Information.</summary>
    public static void Level(RecordBuffer buffer, LogEventLevel level)
    {
        if (IsKnown(level)) buffer.Raw(ClefLevels[(int)level]);
        else WriteClefLevel(buffer, level);
    }

    /// <summary>Everything up to the sequence number.</summary>
    public void WriteTo(RecordBuffer buffer, LogEventLevel level, string channel)
    {
        if (channel == DefaultChannel && IsKnown(level)) buffer.Raw(_ofDefaultChannel[(int)level]);
        else Write(buffer, level, channel);
    }

    static bool IsKnown(LogEventLevel level) => (uint)level <= (uint)LogEventLevel.Fatal;

    static void WriteClefLevel(RecordBuffer buffer, LogEventLevel level)
    {
        if (level == LogEventLevel.Information) return;
        buffer.Raw(",\"@l\":"u8);
        buffer.Text(level.ToString());
    }

    void Write(RecordBuffer buffer, LogEventLevel level, string channel)
    {
        buffer.Raw(",\"level\":"u8);
        buffer.Text(LokiLevel(level));
        buffer.Raw(",\"channel\":"u8);
        buffer.Text(channel);
        buffer.Raw(_start);
    }

    static byte[][] OfEachLevel(Action<RecordBuffer, LogEventLevel> write) =>
        [.. Enum.GetValues<LogEventLevel>().Select(level =>
    {
        var buffer = new RecordBuffer();
        buffer.Clear(int.MaxValue);
        write(buffer, level);
        return buffer.Written.ToArray();
    })];
}
