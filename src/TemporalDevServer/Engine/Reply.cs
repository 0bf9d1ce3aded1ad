namespace TemporalDevServer.Engine;

/// <summary>What follows an input: a call is answered, with a message or with an error.</summary>
readonly record struct Reply(long CallId, IMessage? Message, ServiceError? Error);
