using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>Renders an event's message as its template says, without secrets.</summary>
sealed class MessageRenderer(CaptureLimits limits, FieldCache fields, Redactor redactor)
{
    /// <param name="text">Where it is rendered; the result may lie there.</param>
    /// <param name="plan">The event's template.</param>
    /// <param name="logEvent">The event.</param>
    /// <param name="room">The record's bytes; no more characters are of use.</param>
    /// <param name="notes">Told what happened.</param>
    public ReadOnlySpan<char> Render(MessageText text, TemplatePlan plan, LogEvent logEvent, int room, RenderNotes notes)
    {
        text.Clear(room + Redactor.ReadBehindCut);
        var values = new ValueText(text, limits, fields, redactor, notes);
        foreach (ref readonly var part in plan.Parts.AsSpan())
        {
            if (part.Name is null)
            {
                if (part.Foreign is null) text.Write(part.Text);
                else ForeignCode.Run(text, notes, (part.Foreign, logEvent.Properties), static (given, target) => given.Foreign.Render(given.Properties, target, CultureInfo.InvariantCulture));
                continue;
            }
            if (!logEvent.Properties.TryGetValue(part.Name, out var value))
            {
                text.Write(part.Text);
                continue;
            }
            var start = text.Written.Length;
            try
            {
                values.Write(value, part.Name, part.Format, part.Secrecy);
            }
            // The application's own code; the rest of the message is still worth showing.
            catch (Exception e) when (e is not TextLimitException)
            {
                notes.Failed = true;
                text.ReturnTo(start);
                text.Write(RuntimeTypes.Placeholder(e));
            }
            var missing = part.Width - (text.Length - start);
            if (missing > 0 && !text.IsFull)
            {
                if (part.IsLeft) text.Spaces((int)missing);
                else text.PadBefore(start, (int)missing);
            }
        }
        if (!redactor.ReadsTexts || redactor.Replacement("@m", text.Written) is not { } replacement) return text.Written;
        notes.Redacted = true;
        return replacement;
    }
}
