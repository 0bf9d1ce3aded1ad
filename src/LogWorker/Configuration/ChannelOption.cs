namespace LogPipeline.Worker.Configuration;

/// <summary>
/// The options of single channels: <c>channels.web-shop.format</c> in <c>logworker.json</c> is
/// <c>LOG_CHANNEL_WEB_SHOP_FORMAT</c>.
/// </summary>
static class ChannelOption
{
    public const string Group = "channels";

    static readonly (string Name, string Suffix)[] All =
    [
        ("format", "_FORMAT"), ("textTemplate", "_TEXT_TEMPLATE"), ("levelMin", "_LEVEL_MIN"),
        ("retentionAge", "_RETENTION_AGE"), ("retentionFiles", "_RETENTION_FILES"),
    ];

    /// <summary>The names of a channel's options.</summary>
    public static IEnumerable<string> NamesOf(string channel) =>
        All.Select(option => $"{Group}.{channel}.{option.Name}");

    /// <param name="channel">As the file names it.</param>
    /// <param name="name">The option's last part.</param>
    /// <returns>Null: there is no such option.</returns>
    public static string? Variable(string channel, string name)
    {
        var (_, suffix) = Array.Find(All, option => option.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        return suffix is null ? null : $"LOG_CHANNEL_{Capitals(channel)}{suffix}";
    }

    static string Capitals(string channel) =>
        string.Concat(channel.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToUpperInvariant(c) : '_'));
}
