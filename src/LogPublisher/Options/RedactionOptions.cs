namespace LogPipeline.Publisher;

/// <summary>Which secrets are replaced before a record is put on disk or sent.</summary>
public sealed record RedactionOptions
{
    /// <summary>LOG_REDACTION. How much is looked at.</summary>
    public RedactionScope Scope { get; set; } = RedactionScope.Formats;

    /// <summary>
    /// LOG_REDACTED_NAMES. Further property names whose values are secret, with commas between: <c>Iban, employee
    /// number</c>. As with the built-in ones, words and not letters are compared, so these are also found in
    /// <c>CustomerIban</c> and <c>employee_number</c>.
    /// </summary>
    public string? Names { get; set; }

    /// <summary>
    /// LOG_REDACTED_PATTERN. A regular expression; what it matches in any text is replaced. It runs in time
    /// proportional to the text, so it takes no look-around and no back-references.
    /// </summary>
    public string? Pattern { get; set; }

    /// <summary>
    /// Given a property's name and text (<c>@m</c>, <c>@mt</c>, <c>@x</c> for message, template, exception), returns
    /// the text to keep; null: it becomes <c>[redacted]</c>. When it throws, the text becomes <c>[redaction
    /// failed]</c>. Called on the threads that log, by several at once; null: no hook.
    /// </summary>
    public Func<string, string, string?>? Hook { get; set; }
}
