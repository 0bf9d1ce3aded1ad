using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Grpc;

/// <summary>
/// Binds every call that Temporal's services have, as the official package describes them. Those that the engine has go to it;
/// any other is UNIMPLEMENTED, with its name.
/// </summary>
sealed class TemporalMethods : IServiceMethodProvider<TemporalService>
{
    public static readonly IReadOnlyList<ServiceDescriptor> Services =
    [
        .. Temporalio.Api.WorkflowService.V1.ServiceReflection.Descriptor.Services,
        .. Temporalio.Api.OperatorService.V1.ServiceReflection.Descriptor.Services,
    ];

    static readonly Marshaller<IMessage> Reply = new(Write, _ => throw new NotSupportedException("A server reads no replies."));

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<TemporalService> context)
    {
        foreach (var method in Services.SelectMany(service => service.Methods))
        {
            if (Calls.Of(method.InputType.ClrType) is { } call)
                context.AddUnaryMethod(Bound(method, read => Read(call, read)), [], (service, request, server) => service.AnswerAsync(call, request, server));
            else
                context.AddUnaryMethod(Bound(method, _ => Unread), [], (_, _, _) => throw new RpcException(new Status(StatusCode.Unimplemented, $"{method.Name} is not implemented by this server.")));
        }
    }

    static readonly TemporalRequest Unread = new(new Google.Protobuf.WellKnownTypes.Empty(), default);

    static Method<TemporalRequest, IMessage> Bound(MethodDescriptor method, Func<DeserializationContext, TemporalRequest> read) => new(
        MethodType.Unary, method.Service.FullName, method.Name, new Marshaller<TemporalRequest>((_, _) => throw new NotSupportedException("A server writes no requests."), read), Reply);

    static TemporalRequest Read(Call call, DeserializationContext context)
    {
        try
        {
            if (call.Number == 0) return new TemporalRequest(call.Parser.ParseFrom(context.PayloadAsReadOnlySequence()), default);
            var bytes = context.PayloadAsNewBuffer();
            return new TemporalRequest(call.Parser.ParseFrom(bytes), bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new RpcException(new Status(StatusCode.Internal, $"grpc: error unmarshalling request: {e.Message}"));
        }
    }

    static void Write(IMessage message, SerializationContext context)
    {
        var size = message.CalculateSize();
        if (size > Limits.MessageBytesMax)
            throw new RpcException(new Status(StatusCode.ResourceExhausted, $"grpc: trying to send message larger than max ({size} vs. {Limits.MessageBytesMax})"));
        context.SetPayloadLength(size);
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }
}
