namespace TemporalDevServer.Engine;

/// <summary>
/// The tokens that workers and callers send back. They carry no authority: what they name is checked each time.
/// </summary>
static class Tokens
{
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
