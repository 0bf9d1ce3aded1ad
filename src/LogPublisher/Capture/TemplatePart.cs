using LogPipeline.Publisher.Redaction;
using Serilog.Parsing;

namespace LogPipeline.Publisher.Capture;

/// <summary>A part of a template: a text, or the placeholder of a property's value.</summary>
/// <param name="Text">The text, or how the placeholder is written in the template.</param>
/// <param name="Name">The property; null for a text.</param>
/// <param name="Format">The format of the value; one that would make a huge text is left out.</param>
/// <param name="Width">Least width of the value; 0: any.</param>
/// <param name="IsLeft">Spaces come after the value.</param>
/// <param name="Secrecy">What the name, or the text around, says of the value.</param>
/// <param name="Foreign">A token of the application's own type; it renders itself.</param>
readonly record struct TemplatePart(
    string Text, string? Name = null, string? Format = null, int Width = 0, bool IsLeft = false,
    Secrecy Secrecy = Secrecy.None, MessageTemplateToken? Foreign = null);
