namespace LogPipeline.Publisher.Redaction;

/// <summary>How much of a value its name makes a secret. Truth values and null never are.</summary>
enum Secrecy
{
    None,

    /// <summary>Texts; numbers are shown (<c>PromptTokens</c>).</summary>
    Texts,

    /// <summary>Texts and numbers (<c>Password</c>).</summary>
    All,
}
