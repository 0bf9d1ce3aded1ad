using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Channels;

/// <summary>What becomes of a channel's records.</summary>
sealed record ChannelRule
{
    /// <summary>What a record becomes in the file; CLEF.</summary>
    public LogFormat Format { get; init; }

    /// <summary>For <see cref="LogFormat.Text"/>.</summary>
    public TextTemplate Template { get; init; } = TextTemplate.Default;

    /// <summary>
    /// Records under it are not written, and counted as filtered; <see cref="RecordLevel.Trace"/>: all are written.
    /// </summary>
    public RecordLevel LevelMin { get; init; }

    /// <summary>A file goes when its last line is older; null: never.</summary>
    public TimeSpan? RetentionAge { get; init; }

    /// <summary>Most files; null: any number.</summary>
    public int? RetentionFiles { get; init; }

    /// <summary>Records become lines as they are.</summary>
    public bool IsPlain => Format == LogFormat.Clef && LevelMin == RecordLevel.Trace;
}

/// <summary>The rule of every channel: its own, or that of all others.</summary>
sealed class ChannelRules(ChannelRule others, IReadOnlyDictionary<string, ChannelRule> named)
{
    /// <summary>All records become lines as they are.</summary>
    public static ChannelRules Plain { get; } = new(new ChannelRule(), new Dictionary<string, ChannelRule>());

    public bool ArePlain { get; } = others.IsPlain && named.Values.All(rule => rule.IsPlain);

    public bool HaveRetention { get; init; } =
        named.Values.Any(rule => rule.RetentionAge is not null || rule.RetentionFiles is not null);

    // Whatever holds for the others: its lines are looked for as they were sent.
    static ChannelRule CanaryRule { get; } = new() { RetentionFiles = 2 };

    /// <summary>The same, with retention also where nobody asked for it: a channel's canaries are bounded.</summary>
    public ChannelRules WithCanary() => new(others, named) { HaveRetention = true };

    /// <summary>Whether the channel has a rule of its own; it then has a folder of its own too.</summary>
    public bool Names(ChannelName channel) =>
        channel == ChannelName.Canary || named.Count > 0 && named.ContainsKey(NameOf(channel));

    public ChannelRule Of(ChannelName channel)
    {
        if (channel == ChannelName.Canary) return CanaryRule;
        return named.Count > 0 && named.TryGetValue(NameOf(channel), out var rule) ? rule : others;
    }

    /// <summary>
    /// How variables name a channel: what a variable's name can hold of it. <c>web-shop</c>, <c>Web.Shop</c> and
    /// <c>web_shop</c> are WEB_SHOP, all three. Made of the folder's name, which is all that retention sees.
    /// </summary>
    public static string NameOf(ChannelName channel) => channel.Readable.ToUpperInvariant().Replace('-', '_');
}
