namespace LogPipeline.Publisher;

/// <summary>What is found and replaced by <c>[redacted]</c> before a record is put on disk or sent.</summary>
public enum RedactionScope
{
    /// <summary>Nothing, not even by the hook.</summary>
    Off,

    /// <summary>
    /// Values of properties whose name says that they are secret (password, token, api key, ...), at any depth, and
    /// what the hook and the pattern of the options find.
    /// </summary>
    Names,

    /// <summary>
    /// As <see cref="Names"/>, and in every text (values, message, template, exception): JWTs, private keys, keys of
    /// AWS, Google, Azure and others, passwords in connection strings, URLs and headers, card numbers.
    /// </summary>
    All,
}
