using System.Runtime.CompilerServices;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Redaction;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// What rendering needs beside the event: the limits, the redactor, and what was worked out for the templates and
/// property names used last. These come from code, so they are few. Each cache has a fixed number of slots, so that
/// names made up at run time take no memory; two that share a slot take turns. Any thread.
/// </summary>
/// <param name="options">The limits, and the names that every record has.</param>
/// <param name="redactor">Null: nothing is redacted.</param>
sealed class CaptureContext(TemporalSinkOptions options, Redactor? redactor = null)
{
    const int Slots = 1024;
    const int NameLengthMax = 256;
    const int TemplateLengthMax = 4096;

    readonly TemplatePlan?[] _plans = new TemplatePlan?[Slots];
    readonly Field?[] _fields = new Field?[Slots];
    readonly bool _waitsInMemory = redactor is not { HasHook: true }
        && (options.Durability == Durability.Memory || options.Fallback.Mode == TemporalFallback.WriteFile);

    /// <summary>With the redactor that the options ask for.</summary>
    public static CaptureContext Create(TemporalSinkOptions options) =>
        new(options, RedactorOptions.Redactor(options.Redaction));

    public TemporalSinkOptions Options { get; } = options;
    public Redactor Redactor { get; } = redactor ?? Redactor.Off;

    /// <summary>
    /// An event may wait in memory and be rendered on the publish loop: it is not spooled at once, and nothing in it
    /// and no hook of the application's changes what it reads as.
    /// </summary>
    /// <param name="bytes">What the event takes in memory, about.</param>
    public bool MayDefer(LogEvent logEvent, out int bytes)
    {
        bytes = 0;
        return _waitsInMemory && Deferral.IsPossible(logEvent, out bytes);
    }

    public TemplatePlan PlanOf(MessageTemplate template)
    {
        ref var slot = ref _plans[RuntimeHelpers.GetHashCode(template) & (Slots - 1)];
        var plan = Volatile.Read(ref slot);
        if (plan is not null && ReferenceEquals(plan.Template, template)) return plan;
        plan = new TemplatePlan(template, Redactor);
        // A hook that failed once may do better the next time.
        if (template.Text.Length <= TemplateLengthMax && plan.Text != Redactor.FailedMarker)
            Volatile.Write(ref slot, plan);
        return plan;
    }

    public Field FieldOf(string name)
    {
        ref var slot = ref _fields[SlotOf(name)];
        var field = Volatile.Read(ref slot);
        if (field is not null && (ReferenceEquals(field.Name, name) || field.Name == name)) return field;
        field = Make(name);
        if (name.Length <= NameLengthMax) Volatile.Write(ref slot, field);
        return field;
    }

    /// <summary>A nested value is at least as secret as what it stands in.</summary>
    public Secrecy SecrecyOf(string name, Secrecy outer)
    {
        if (outer == Secrecy.All) return outer;
        var own = name.Length > NameLengthMax ? Redactor.OfName(name) : FieldOf(name).Secrecy;
        return own > outer ? own : outer;
    }

    static int SlotOf(string name)
    {
        if (name.Length == 0) return 0;
        var hash = (uint)name.Length * 31 + name[0];
        hash = hash * 31 + name[^1];
        hash = hash * 31 + name[name.Length / 2];
        return (int)((hash * 2654435769u) >> 22);
    }

    Field Make(string name)
    {
        var buffer = new RecordBuffer();
        buffer.Clear(int.MaxValue);
        buffer.Raw(","u8);
        buffer.Text(FieldNames.Of(name));
        buffer.Raw(":"u8);
        return new Field(name, buffer.Written.ToArray(), Redactor.OfName(name), Packed(name));
    }

    static byte[]? Packed(string name)
    {
        var utf8 = Encoding.UTF8.GetBytes(name);
        return utf8.Length <= byte.MaxValue && ReferenceEquals(FieldNames.Sanitize(name), name)
            ? [(byte)utf8.Length, .. utf8] : null;
    }
}
