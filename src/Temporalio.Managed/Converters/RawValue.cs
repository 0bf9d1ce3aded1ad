using Temporalio.Api.Common.V1;

namespace Temporalio.Converters;

/// <summary>
/// A payload that the converter leaves alone. As a parameter or result it takes whatever is there; as an argument it
/// goes as it is. Codecs still apply.
/// </summary>
public interface IRawValue
{
    Payload Payload { get; }
}

/// <inheritdoc cref="IRawValue"/>
public record RawValue(Payload Payload) : IRawValue;

/// <summary>A payload that no codec has decoded yet.</summary>
public interface IEncodedRawValue
{
    Payload Payload { get; }

    Task<T> ToValueAsync<T>();

    Task<object?> ToValueAsync(Type type);
}

/// <inheritdoc cref="IEncodedRawValue"/>
public record EncodedRawValue(DataConverter DataConverter, Payload Payload) : IEncodedRawValue
{
    public Task<T> ToValueAsync<T>() => DataConverter.ToValueAsync<T>(Payload);

    public Task<object?> ToValueAsync(Type type) => DataConverter.ToValueAsync(Payload, type);
}
