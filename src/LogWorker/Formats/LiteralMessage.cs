using System.Text;

namespace LogPipeline.Worker.Formats;

/// <summary>
/// A message with its texts unquoted, which <c>{Message:l}</c> asks for. The record has the message as it was rendered, texts in
/// quotes; its template says where they stand. Nothing is rendered anew, so numbers and dates keep the form that the
/// application gave them; where message and template do not fit together, the message stays as it is.
/// </summary>
static class LiteralMessage
{
    public static string Of(string message, string template, RecordText record)
    {
        if (!message.Contains('"')) return message;
        var text = new StringBuilder(message.Length);
        var at = 0;
        for (var i = 0; i < template.Length;)
        {
            if (!TryHole(template, i, out var name, out var end))
            {
                var c = template[i];
                if (at >= message.Length || message[at] != c) break;
                text.Append(c);
                at++;
                i += c is '{' or '}' && i + 1 < template.Length && template[i + 1] == c ? 2 : 1;
                continue;
            }
            i = end;
            if (record.Find(name) is { IsString: true } field && QuotedAt(message, at, field.Text) is > 0 and var length)
            {
                text.Append(field.Text);
                at += length;
                continue;
            }
            // Something else stands here; the template's next words tell where it ends.
            var next = LiteralFrom(template, i);
            var found = next.Length == 0 ? -1 : message.IndexOf(next, at, StringComparison.Ordinal);
            if (found < 0) break;
            text.Append(message, at, found - at);
            at = found;
        }
        return text.Append(message, at, message.Length - at).ToString();
    }

    static bool TryHole(string template, int at, out string name, out int end)
    {
        (name, end) = ("", 0);
        if (template[at] != '{' || (at + 1 < template.Length && template[at + 1] == '{')) return false;
        var close = template.IndexOf('}', at);
        if (close < 0) return false;
        var hole = template.AsSpan(at + 1, close - at - 1);
        var stop = hole.IndexOfAny(',', ':');
        name = (stop < 0 ? hole : hole[..stop]).TrimStart("@$").ToString();
        end = close + 1;
        return true;
    }

    static string LiteralFrom(string template, int start)
    {
        var end = template.AsSpan(start).IndexOfAny('{', '}');
        return end < 0 ? template[start..] : template.Substring(start, end);
    }

    /// <summary>How long the quoted text is that stands there; 0: it does not.</summary>
    static int QuotedAt(string message, int at, string value)
    {
        var quoted = $"\"{value.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
        return message.AsSpan(at).StartsWith(quoted, StringComparison.Ordinal) ? quoted.Length : 0;
    }
}
