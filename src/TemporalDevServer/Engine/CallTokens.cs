namespace TemporalDevServer.Engine;

/// <summary>
/// The tokens that workers and callers send back. They carry no authority: what they name is checked each time.
/// </summary>
static class CallTokens
{
    public const string InvalidPage = "Invalid NextPageToken.";

    public static TaskToken Parse(ByteString bytes)
    {
        if (bytes.IsEmpty) throw ServiceError.Invalid("Task token not set on request.");
        return Parse(bytes, TaskToken.Parser, "Error deserializing task token.");
    }

    public static T Parse<T>(ByteString bytes, MessageParser<T> parser, string complaint) where T : IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            throw ServiceError.Invalid(complaint);
        }
    }

    /// <summary>Where the next page begins; null: the request is for the first one.</summary>
    /// <exception cref="ServiceError">The server has not given this token.</exception>
    public static T? ParsePage<T>(ByteString bytes, MessageParser<T> parser) where T : class, IMessage<T>
    {
        if (bytes.IsEmpty) return null;
        var token = Parse(bytes, parser.WithDiscardUnknownFields(true), InvalidPage);
        // Bytes that mean nothing, or the same in another way, were not written here.
        return token.ToByteString() == bytes ? token : throw ServiceError.Invalid(InvalidPage);
    }

    /// <summary>For lists of one page: no token leads to another.</summary>
    public static void CheckNoPage(ByteString bytes)
    {
        if (!bytes.IsEmpty) throw ServiceError.Invalid(InvalidPage);
    }

    /// <summary>How many the pages before have listed.</summary>
    public static int OffsetOf(ByteString page) => ParsePage(page, ListToken.Parser) switch
    {
        null => 0,
        { Offset: > 0 and <= int.MaxValue / 2, StartTime: 0, Number: 0 } token => (int)token.Offset,
        _ => throw ServiceError.Invalid(InvalidPage),
    };

    public static ByteString OfOffset(int offset) => new ListToken { Offset = offset }.ToByteString();

    /// <summary>The token of a task of this run's.</summary>
    public static ByteString Of(Run run, long stamp, long scheduledEventId = 0, string queryId = "") => new TaskToken
    {
        NamespaceId = run.Namespace.Id,
        WorkflowId = run.WorkflowId,
        RunId = run.RunId,
        Stamp = stamp,
        ScheduledEventId = scheduledEventId,
        QueryId = queryId,
    }.ToByteString();

    /// <summary>The token's namespace, which must be the request's where that names one.</summary>
    public static Namespace NamespaceOf(NamespaceRegistry namespaces, TaskToken token, string requestNamespace)
    {
        var ns = namespaces.All.FirstOrDefault(each => each.Id == token.NamespaceId)
            ?? throw ServiceError.Invalid("Invalid TaskToken.");
        if (requestNamespace.Length > 0 && namespaces.Get(requestNamespace) != ns)
            throw ServiceError.Invalid("Operation requested with a token from a different namespace.");
        return ns;
    }
}
