using Temporalio.Api.Common.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.Sdk.V1;

namespace Temporalio.Converters;

/// <summary>Conversions through converter and codec together (those of <see cref="DataConverter"/>), or through the converter alone.</summary>
public static class ConverterExtensions
{
    public static async Task<IReadOnlyCollection<Payload>> ToPayloadsAsync(this DataConverter converter, IReadOnlyCollection<object?> values)
    {
        var payloads = converter.PayloadConverter.ToPayloads(values);
        return converter.PayloadCodec == null ? payloads : await converter.PayloadCodec.EncodeAsync(payloads).ConfigureAwait(false);
    }

    public static async Task<Payload> ToPayloadAsync(this DataConverter converter, object? value)
    {
        var payload = converter.PayloadConverter.ToPayload(value);
        return converter.PayloadCodec == null ? payload : (await converter.PayloadCodec.EncodeAsync([payload]).ConfigureAwait(false)).First();
    }

    public static Task<T> ToValueAsync<T>(this DataConverter converter, Payload payload) => converter.ToSingleValueAsync<T>([payload]);

    public static Task<object?> ToValueAsync(this DataConverter converter, Payload payload, Type type) => converter.ToSingleValueAsync([payload], type);

    /// <exception cref="ArgumentException">There is not exactly one payload after decoding.</exception>
    public static async Task<T> ToSingleValueAsync<T>(this DataConverter converter, IReadOnlyCollection<Payload> payloads) =>
        (T)(await converter.ToSingleValueAsync(payloads, typeof(T)).ConfigureAwait(false))!;

    /// <exception cref="ArgumentException">There is not exactly one payload after decoding.</exception>
    public static async Task<object?> ToSingleValueAsync(this DataConverter converter, IReadOnlyCollection<Payload> payloads, Type type)
    {
        if (converter.PayloadCodec != null) payloads = await converter.PayloadCodec.DecodeAsync(payloads).ConfigureAwait(false);
        if (payloads.Count != 1) throw new ArgumentException($"Expected 1 payload, found {payloads.Count}");
        return converter.PayloadConverter.ToValue(payloads.First(), type);
    }

    /// <summary>Decodes the failure in place.</summary>
    public static async Task<Exception> ToExceptionAsync(this DataConverter converter, Failure failure)
    {
        if (converter.PayloadCodec != null) await converter.PayloadCodec.DecodeFailureAsync(failure).ConfigureAwait(false);
        return converter.FailureConverter.ToException(failure, converter.PayloadConverter);
    }

    public static async Task<Failure> ToFailureAsync(this DataConverter converter, Exception exc)
    {
        var failure = converter.FailureConverter.ToFailure(exc, converter.PayloadConverter);
        if (converter.PayloadCodec != null) await converter.PayloadCodec.EncodeFailureAsync(failure).ConfigureAwait(false);
        return failure;
    }

    public static IReadOnlyCollection<Payload> ToPayloads(this IPayloadConverter converter, IReadOnlyCollection<object?> values) =>
        values.Select(converter.ToPayload).ToList();

    public static T ToValue<T>(this IPayloadConverter converter, Payload payload) => (T)converter.ToValue(payload, typeof(T))!;

    public static T ToValue<T>(this IPayloadConverter converter, IRawValue rawValue) => converter.ToValue<T>(rawValue.Payload);

    public static RawValue ToRawValue(this IPayloadConverter converter, object? value) => new(converter.ToPayload(value));

    /// <summary>Null when there is neither summary nor details.</summary>
    internal static async Task<UserMetadata?> ToUserMetadataAsync(this DataConverter converter, string? summary, string? details)
    {
        if (summary == null && details == null) return null;
        return new UserMetadata
        {
            Summary = summary == null ? null : await converter.ToPayloadAsync(summary).ConfigureAwait(false),
            Details = details == null ? null : await converter.ToPayloadAsync(details).ConfigureAwait(false),
        };
    }

    internal static async Task<(string? Summary, string? Details)> FromUserMetadataAsync(this DataConverter converter, UserMetadata? metadata) => (
        metadata?.Summary == null ? null : await converter.ToValueAsync<string>(metadata.Summary).ConfigureAwait(false),
        metadata?.Details == null ? null : await converter.ToValueAsync<string>(metadata.Details).ConfigureAwait(false));
}
