using System.Numerics;

namespace LogPipeline.Publisher.Capture;

/// <summary>
/// Distinguishes the runtime's own scalars, whose formatting is known to end, from the application's types.
/// </summary>
static class RuntimeTypes
{
    const int BigIntegerBytesMax = 4096;

    /// <summary>Immutable, and formatted by the runtime's own code.</summary>
    public static bool IsScalar(object? value)
    {
        if (value is null) return true;
        // An enumeration has the code of its numbers.
        if (Type.GetTypeCode(value.GetType()) != TypeCode.Object) return true;
        return value is Guid or TimeSpan or DateTimeOffset or DateOnly or TimeOnly;
    }

    public static bool IsNumber(object value) =>
        value is not Enum && Type.GetTypeCode(value.GetType()) is >= TypeCode.SByte and <= TypeCode.Decimal;

    /// <summary>A value's text in the invariant culture, or a placeholder when its own code throws.</summary>
    public static string TextOf(object? value, string? format, RenderNotes notes)
    {
        if (value is null) return "null";
        // Digits are made in quadratic time.
        if (value is BigInteger big && big.GetByteCount() > BigIntegerBytesMax)
            return $"(a number of {big.GetByteCount()} bytes)";
        try
        {
            var text = value is IFormattable formattable
                ? formattable.ToString(format, CultureInfo.InvariantCulture) : value.ToString();
            return text ?? "";
        }
        // The application's own code: whatever it throws, the event is worth more than one value of it.
        catch (Exception e)
        {
            notes.Failed = true;
            return Placeholder(e);
        }
    }

    public static string Placeholder(Exception e) => $"(rendering failed: {e.GetType().Name})";
}
