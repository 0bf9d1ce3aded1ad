using Grpc.AspNetCore.Server.Model;
using TemporalDevServer.Engine;
using Temporalio.Api.OperatorService.V1;

namespace TemporalDevServer.Grpc;

/// <summary>
/// Binds every call that Temporal's services have in the official package. Those that the engine has go to it; any
/// other is UNIMPLEMENTED, with its name. Calls are found by the types of their requests, which carry their names:
/// the services' descriptors say the same (a test compares), but to load them takes twice as long as all the rest of a
/// start, and 40 MB.
/// </summary>
sealed class TemporalMethods : IServiceMethodProvider<TemporalService>
{
    const string Request = "Request";

    /// <summary>The services' names, with a request of each.</summary>
    public static readonly IReadOnlyDictionary<string, Type> Services = new Dictionary<string, Type>
    {
        ["temporal.api.workflowservice.v1.WorkflowService"] = typeof(StartWorkflowExecutionRequest),
        ["temporal.api.operatorservice.v1.OperatorService"] = typeof(AddSearchAttributesRequest),
    };

    static readonly Marshaller<IMessage> Reply = new(
        Write, _ => throw new NotSupportedException("A server reads no replies."));
    static readonly TemporalRequest Unread = new(new Google.Protobuf.WellKnownTypes.Empty(), default);

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TemporalService> context)
    {
        foreach (var (service, one) in Services)
            foreach (var type in one.Assembly.GetTypes())
                if (type.Namespace == one.Namespace && type.Name.EndsWith(Request, StringComparison.Ordinal))
                    Bind(context, service, type.Name[..^Request.Length], Calls.Of(type));
    }

    static void Bind(ServiceMethodProviderContext<TemporalService> context, string service, string name, Call? call)
    {
        if (call is null)
            Add(
                _ => Unread,
                (_, _, _) => throw Refused(StatusCode.Unimplemented, $"{name} is not implemented by this server."));
        else Add(read => Read(call, read), (server, request, caller) => server.AnswerAsync(name, call, request, caller));

        void Add(
            Func<DeserializationContext, TemporalRequest> read,
            UnaryServerMethod<TemporalService, TemporalRequest, IMessage> answer)
        {
            var request = new Marshaller<TemporalRequest>(
                (_, _) => throw new NotSupportedException("A server writes no requests."), read);
            context.AddUnaryMethod(
                new Method<TemporalRequest, IMessage>(MethodType.Unary, service, name, request, Reply), [], answer);
        }
    }

    static TemporalRequest Read(Call call, DeserializationContext context)
    {
        try
        {
            var bytes = context.PayloadAsNewBuffer();
            return new TemporalRequest(CallerMessages.Parse(call.Parser, bytes), bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Refused(StatusCode.Internal, $"grpc: error unmarshalling request: {e.Message}");
        }
    }

    static void Write(IMessage message, SerializationContext context)
    {
        var size = message.CalculateSize();
        if (size > Limits.MessageBytesMax)
            throw Refused(
                StatusCode.ResourceExhausted,
                $"grpc: trying to send message larger than max ({size} vs. {Limits.MessageBytesMax})");
        context.SetPayloadLength(size);
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    static RpcException Refused(StatusCode code, string why) => new(new Status(code, why));
}
