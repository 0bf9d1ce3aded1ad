namespace LogPipeline.Publisher;

/// <summary>What is found and replaced by <c>[redacted]</c> before a record is put on disk or sent.</summary>
public enum RedactionScope
{
    /// <summary>Nothing, not even by the hook.</summary>
    Off,

    /// <summary>
    /// Values of properties whose name says that they are secret (password, access token, api key, ...), at any depth,
    /// and what the hook and the pattern of the options find.
    /// </summary>
    Names,

    /// <summary>
    /// As <see cref="Names"/>, also in JSON and XML within a text, and formats that cannot be mistaken: JWTs, private
    /// keys, keys with a known beginning, credentials of headers, passwords in URLs and connection strings.
    /// </summary>
    Formats,

    /// <summary>
    /// As <see cref="Formats"/>, and what only looks like a secret: <c>password=…</c> in any text, card numbers.
    /// </summary>
    All,
}
