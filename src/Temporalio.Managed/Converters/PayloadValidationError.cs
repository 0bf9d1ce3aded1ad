using Temporalio.Exceptions;

namespace Temporalio.Converters;

/// <summary>The failure that a converter throws for a value that will never be acceptable.</summary>
public static class PayloadValidationError
{
    internal const string ErrorType = "PayloadValidationError";

    /// <returns>A non-retryable application failure to throw.</returns>
    public static ApplicationFailureException CreateException(object? details) =>
        new("Payload validation failed", ErrorType, nonRetryable: true, details: details == null ? [] : [details]);

    internal static bool IsException(Exception exception) =>
        exception is ApplicationFailureException { NonRetryable: true, ErrorType: ErrorType };
}
