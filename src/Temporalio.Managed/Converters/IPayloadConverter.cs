using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>
/// Turns values into payloads and back. Runs inside workflows too, so it must be deterministic and do no I/O;
/// what needs more belongs in an <see cref="IPayloadCodec"/>.
/// </summary>
public interface IPayloadConverter
{
    /// <exception cref="ArgumentException">No encoding takes the value.</exception>
    Payload ToPayload(object? value);

    /// <exception cref="ArgumentException">The payload's encoding is unknown, or does not fit the type.</exception>
    object? ToValue(Payload payload, Type type);
}

/// <summary>One encoding of a <see cref="DefaultPayloadConverter"/>.</summary>
public interface IEncodingConverter
{
    /// <summary>The payload's <c>encoding</c> that this one reads and writes.</summary>
    string Encoding { get; }

    /// <summary>False when the value is not for this encoding; the next one is then asked.</summary>
    bool TryToPayload(object? value, out Payload? payload);

    object? ToValue(Payload payload, Type type);
}
