using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Workflows.Connecting;

/// <summary>
/// What the native core of Temporal's package logs. With keys it shows failures as they go to Temporal, encrypted and
/// cut, so that nobody could read them; the package has logged the same failure just before, in clear, to the same
/// log. The core's line says where.
/// </summary>
sealed partial class CoreLogger(ILogger logger) : ILogger
{
    const string Encrypted = "Encoded failure";
    const string Pointer = "failure=\"(encrypted for Temporal; the package's line before says what failed)\"";
    const int MatchMillisecondsMax = 1000;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => logger.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => logger.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        logger.Log(logLevel, eventId, state, exception, (given, e) => Readable(formatter(given, e)));

    /// <summary>The line without what nobody can read in it.</summary>
    public static string Readable(string line) =>
        line.Contains(Encrypted, StringComparison.Ordinal) ? Failure().Replace(line, Pointer) : line;

    [GeneratedRegex("""failure="(?:[^"\\]|\\.)*["]""", RegexOptions.Singleline, MatchMillisecondsMax)]
    private static partial Regex Failure();
}
