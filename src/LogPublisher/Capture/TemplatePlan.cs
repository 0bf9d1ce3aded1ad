using LogPipeline.Publisher.Redaction;
using Serilog.Parsing;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// What is known of a message template before any event comes: worked out once and kept by
/// <see cref="CaptureContext"/>.
/// </summary>
sealed class TemplatePlan
{
    const int FormatLengthMax = 128;
    const int PrecisionDigitsMax = 2;
    const int Utf8LengthMax = 2048;
    const int PackedLengthMax = 1024;

    public TemplatePlan(MessageTemplate template, Redactor redactor)
    {
        Template = template;
        Text = template.Text;
        if (redactor.ReadsTexts && redactor.Replacement("@mt", Text) is { } replacement)
        {
            Text = replacement;
            IsRedacted = true;
        }
        var tokens = template.Tokens.ToArray();
        Parts = new TemplatePart[tokens.Length];
        IsConstant = true;
        HasChannelHole = tokens.Any(token => token is PropertyToken { PropertyName: RecordFields.Channel });
        for (var i = 0; i < tokens.Length; i++)
        {
            Parts[i] = Part(tokens, i, redactor);
            if (Parts[i].Name is not null || Parts[i].Foreign is not null || tokens.Length > 1) IsConstant = false;
        }
        if (IsConstant) IsConstant = tokens.Length == 0 ? template.Text.Length == 0 : Parts[0].Text == template.Text;
        Utf8 = Encoded(Text);
    }

    public MessageTemplate Template { get; }

    /// <summary>The template's text, without secrets.</summary>
    public string Text { get; }

    public bool IsRedacted { get; }

    /// <summary>Every message of it reads as the template does.</summary>
    public bool IsConstant { get; }

    public TemplatePart[] Parts { get; }

    /// <summary>The message shows a property <c>channel</c>, so that it is a value of the event's and no route.</summary>
    public bool HasChannelHole { get; }

    /// <summary>The field <c>@mt</c> as it stands in a record; null for a long template.</summary>
    public byte[]? Utf8 { get; }

    /// <summary>What the template says of a property's value by what stands around it.</summary>
    public Secrecy SecrecyOf(string property) => _secrets?.GetValueOrDefault(property) ?? Secrecy.None;

    /// <summary>
    /// The template as a packed event has it; null when an event of it is to be rendered at once: it holds a secret, is
    /// long, or does not read back as what it is, or it has not been seen before and may never be again.
    /// </summary>
    public byte[]? Packed
    {
        get
        {
            if (Volatile.Read(ref _isPacked)) return _packed;
            if (!_wasSeen)
            {
                _wasSeen = true;
                return null;
            }
            _packed = Pack();
            Volatile.Write(ref _isPacked, true);
            return _packed;
        }
    }

    Dictionary<string, Secrecy>? _secrets;
    bool _wasSeen;
    bool _isPacked;
    byte[]? _packed;

    byte[]? Pack()
    {
        var text = Template.Text;
        if (IsRedacted || _secrets is not null || text.Length > PackedLengthMax
            || !ReferenceEquals(FieldNames.Sanitize(text), text)) return null;
        if (!new MessageTemplateParser().Parse(text).Tokens.SequenceEqual(Template.Tokens)) return null;
        var packed = new byte[sizeof(ushort) + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteUInt16LittleEndian(packed, (ushort)(packed.Length - sizeof(ushort)));
        Encoding.UTF8.GetBytes(text, packed.AsSpan(sizeof(ushort)));
        return packed;
    }

    TemplatePart Part(MessageTemplateToken[] tokens, int at, Redactor redactor)
    {
        switch (tokens[at])
        {
            case TextToken text:
                return new TemplatePart(text.Text);
            case PropertyToken property:
                var secrecy = redactor.OfName(property.PropertyName);
                var before = at > 0 && tokens[at - 1] is TextToken left ? left.Text : "";
                var after = at + 1 < tokens.Length && tokens[at + 1] is TextToken right ? right.Text : "";
                if (secrecy != Secrecy.All && before.Length > 0
                    && redactor.OfValueBetween(before, after) is var between && between > secrecy)
                {
                    secrecy = between;
                    _secrets ??= [];
                    _secrets[property.PropertyName] = between;
                }
                return new TemplatePart(property.ToString(), property.PropertyName, Sanitize(property.Format),
                    property.Alignment?.Width ?? 0, property.Alignment?.Direction == AlignmentDirection.Left, secrecy);
            case var foreign:
                return new TemplatePart("", Foreign: foreign);
        }
    }

    /// <summary>Leaves out a precision of hundreds of digits and a format that is a text of its own.</summary>
    static string? Sanitize(string? format)
    {
        if (format is null || format.Length > FormatLengthMax) return null;
        var isPrecision = format.Length > 1 + PrecisionDigitsMax && char.IsAsciiLetter(format[0])
            && format.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;
        return isPrecision ? null : format;
    }

    static byte[]? Encoded(string text)
    {
        if (text.Length > Utf8LengthMax) return null;
        var buffer = new RecordBuffer();
        buffer.Clear(int.MaxValue);
        buffer.Raw(",\"@mt\":"u8);
        buffer.Text(text);
        return buffer.Written.ToArray();
    }
}
