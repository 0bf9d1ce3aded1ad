using System.Text.RegularExpressions;

namespace LogPipeline.Workflows.Configuration;

/// <summary>
/// What a message may repeat of a value that somebody gave: people put passwords, keys and whole files where they do
/// not belong. What may be a secret is replaced, and the rest is cut and does not steer a terminal.
/// </summary>
static partial class ShownValue
{
    /// <summary>Stands in the place of a secret.</summary>
    public const string Hidden = "(secret)";

    const int LengthMax = 80;

    /// <summary>A path has more slashes than one in so many characters, and base64 less.</summary>
    const int CharactersASlash = 16;

    /// <summary>A variable, or an option of a command line, whose every value is a secret.</summary>
    public static bool IsSecret(string name) => SecretName().IsMatch(name);

    /// <summary>As part of a sentence.</summary>
    public static string Of(string variable, string value)
    {
        if (IsSecret(variable)) return Hidden;
        var shown = Masked(value);
        if (shown.Length > LengthMax) shown = shown[..LengthMax] + "…";
        return string.Concat(shown.Select(c => char.IsControl(c) ? '?' : c));
    }

    /// <summary>
    /// The value, but what may be a secret in it: the login of an address, the values of a query, what is assigned to a
    /// secret's name, keys.
    /// </summary>
    public static string Masked(string value)
    {
        var isAddress = value.Contains("//", StringComparison.Ordinal);
        var shown = isAddress ? Login().Replace(value, $"//{Hidden}@") : LoginAlone().Replace(value, $"{Hidden}@");
        if (isAddress) shown = Query().Replace(shown, $"?{Hidden}");
        shown = Assigned().Replace(shown, $"${{name}}{Hidden}");
        return LongRun().Replace(shown, run => IsKey(run.Value) ? Hidden : run.Value);
    }

    static bool IsKey(string run) => run.EndsWith('=')
        || (run.Any(char.IsAsciiDigit) && run.Any(char.IsAsciiLetter)
            && run.Count(c => c == '/') * CharactersASlash < run.Length);

    [GeneratedRegex("TOKEN|PASSWORD|PASSWD|SECRET|CREDENTIAL|CONNECTION|KEYS?$|KEY_?DATA$|_DATA$|_GRPC_META_",
        RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    // To the last '@', as passwords may hold one.
    [GeneratedRegex("//.*@", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Login();

    // Of an address without slashes, which is one word.
    [GeneratedRegex(@"^[^\s{}]+@", RegexOptions.NonBacktracking)]
    private static partial Regex LoginAlone();

    // A fragment too, as tokens come in both.
    [GeneratedRegex("[?#].*", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Query();

    // To the end, as a password may hold anything. A hole of a template is none.
    [GeneratedRegex(
        @"(?<name>(?:password|passwd|pwd|secret|token|key|auth|authorization|credential|signature)[\w.-]*\s*(?:=|:\s)\s*)[^\s{].*",
        RegexOptions.Singleline | RegexOptions.NonBacktracking | RegexOptions.IgnoreCase)]
    private static partial Regex Assigned();

    [GeneratedRegex(@"[A-Za-z0-9+/_-]{32,}={0,2}", RegexOptions.NonBacktracking)]
    private static partial Regex LongRun();
}
