using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>What is known of a property's name.</summary>
/// <param name="Name">As the application has it.</param>
/// <param name="Bytes">Comma, the field's name in quotes, colon.</param>
/// <param name="Secrecy">What the name says of its value.</param>
/// <param name="Packed">The name as a packed event has it; null when it is too long for one, or has no UTF-8
/// form.</param>
sealed record Field(string Name, byte[] Bytes, Secrecy Secrecy, byte[]? Packed);
