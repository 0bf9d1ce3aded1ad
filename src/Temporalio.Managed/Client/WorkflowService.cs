using Google.Protobuf;

namespace Temporalio.Client;

/// <summary>Raw calls of Temporal's workflow service. They are not retried unless the options say so.</summary>
public abstract partial class WorkflowService : RpcService
{
    internal const string Name = "temporal.api.workflowservice.v1.WorkflowService";

    internal override string FullName => Name;

    /// <summary>The service over a connection.</summary>
    public class Core : WorkflowService
    {
        readonly TemporalConnection _connection;

        public Core(TemporalConnection connection) => _connection = connection;

        protected override Task<T> InvokeRpcAsync<T>(string rpc, IMessage req, MessageParser<T> resp, RpcOptions? options = null) =>
            _connection.InvokeRpcAsync(FullName, rpc, req, resp, options);
    }
}
