using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace LogPipeline.Worker.Channels;

/// <summary>
/// The directory of a channel: 1 to 74 of a-z, 0-9 and '-'. A plain channel (<c>app</c>, <c>web-shop</c>) stays as it
/// is; any other text becomes what is readable of it, "--" and 128 bits of its SHA-256, so that two channels never
/// share a directory, not even on a file system that folds case, and no text leads out of the log directory.
/// </summary>
readonly record struct ChannelName
{
    /// <summary>The directory of dead letters in the log directory; no channel has it.</summary>
    public const string DeadLetterDirectory = "dead-letters";

    /// <summary>The channel of the worker's own canaries, and its directory; other programs leave directories with a dot alone.</summary>
    public const string CanaryChannel = ".canary";

    const int PlainLengthMax = 64;
    const int ReadableLengthMax = 40;
    const string Separator = "--";

    static readonly HashSet<string> Reserved =
    [
        // Names that Windows reserves for devices, and those of the worker.
        "con", "prn", "aux", "nul", "conin", "conout", "clock",
        .. Enumerable.Range(0, 10).SelectMany(i => (string[])[$"com{i}", $"lpt{i}"]),
        "overflow", DeadLetterDirectory, DurableFiles.StoreDirectory.OwnerFile,
    ];

    readonly string? _text;

    ChannelName(string text) => _text = text;

    /// <summary>Where records go whose channel would be one too many.</summary>
    public static ChannelName Overflow { get; } = new("overflow");

    /// <summary>Of <see cref="CanaryChannel"/>.</summary>
    public static ChannelName Canary { get; } = new(CanaryChannel);

    /// <summary>What is readable of the channel: all of a plain one.</summary>
    public string Readable =>
        ToString() is var text && text.LastIndexOf(Separator, StringComparison.Ordinal) is >= 0 and var end
            ? text[..end] : text;

    /// <summary>The directory of a channel, whatever its text.</summary>
    public static ChannelName Of(string channel) =>
        IsPlain(channel) || channel == CanaryChannel ? new(channel) : new(Encode(channel));

    /// <summary>Reads a directory's name back; false for one that no channel has.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ChannelName name)
    {
        name = default;
        if (string.IsNullOrEmpty(text)) return false;
        var separator = text.LastIndexOf(Separator, StringComparison.Ordinal);
        var isEncoded = separator is > 0 and <= ReadableLengthMax && text.Length - separator - Separator.Length == 32
            && IsReadable(text.AsSpan(0, separator))
            && !text.AsSpan(separator + 2).ContainsAnyExcept("0123456789abcdef");
        if (!isEncoded && !IsPlain(text) && text != Overflow._text && text != CanaryChannel) return false;
        name = new ChannelName(text);
        return true;
    }

    public override string ToString() => _text ?? throw new InvalidOperationException("A channel name was not set.");

    static bool IsPlain(string text) =>
        text.Length is > 0 and <= PlainLengthMax && IsReadable(text)
            && !text.Contains(Separator, StringComparison.Ordinal) && !Reserved.Contains(text);

    static bool IsReadable(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExcept("abcdefghijklmnopqrstuvwxyz0123456789-") && text[0] != '-' && text[^1] != '-';

    static string Encode(string channel)
    {
        Span<char> readable = stackalloc char[ReadableLengthMax];
        var length = 0;
        foreach (var c in channel.AsSpan(0, Math.Min(channel.Length, ReadableLengthMax)))
        {
            if (char.IsAsciiLetterOrDigit(c)) readable[length++] = char.ToLowerInvariant(c);
            else if (length > 0 && readable[length - 1] != '-') readable[length++] = '-';
        }
        var shown = readable[..length].TrimEnd('-');
        // The UTF-16 units and not UTF-8, which would make one of all lone surrogates.
        var hash = SHA256.HashData(MemoryMarshal.AsBytes(channel.AsSpan()));
        return string.Concat(shown.Length == 0 ? "channel" : shown, Separator,
            Convert.ToHexStringLower(hash.AsSpan(0, 16)));
    }
}
