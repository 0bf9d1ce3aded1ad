namespace TemporalDevServer.Engine;

/// <summary>
/// Reads what callers send. Less may be nested in it than the library reads, as parts of it are kept within events and
/// runs: what was taken must be readable there, or a journal could not be read again.
/// </summary>
static class CallerMessages
{
    // The library reads 100.
    const int DepthMax = 80;

    /// <exception cref="InvalidProtocolBufferException">It is no message of this type, or nested too deep.</exception>
    public static IMessage Parse(MessageParser parser, byte[] bytes)
    {
        using var input = CodedInputStream.CreateWithLimits(new MemoryStream(bytes), int.MaxValue, DepthMax);
        var message = parser.ParseFrom(input);
        if (input.IsAtEnd) return message;
        // Bytes that the parser took for the end of a group: the library says what is wrong with them.
        return parser.ParseFrom(bytes);
    }
}
