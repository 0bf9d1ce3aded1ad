using Google.Protobuf;

namespace Temporalio.Client;

/// <summary>A gRPC service, for raw calls.</summary>
public abstract class RpcService
{
    internal abstract string FullName { get; }

    /// <exception cref="Exceptions.RpcException">The call ended with a status other than OK.</exception>
    protected abstract Task<T> InvokeRpcAsync<T>(string rpc, IMessage req, MessageParser<T> resp, RpcOptions? options = null)
        where T : IMessage<T>;
}
