using Google.Protobuf;
using Temporalio.Api.OperatorService.V1;
using Temporalio.Api.WorkflowService.V1;

namespace TemporalDevServer.Engine;

/// <summary>Lists of what nobody can make here, which tools ask for all the same: they are empty.</summary>
static class EmptyLists
{
    /// <summary>Null: the request asks for no such list.</summary>
    public static IMessage? Answer(Namespaces namespaces, IMessage request)
    {
        switch (request)
        {
            case ListSchedulesRequest r: return In(r.Namespace, new ListSchedulesResponse());
            case CountSchedulesRequest r: return In(r.Namespace, new CountSchedulesResponse());
            case ListBatchOperationsRequest r: return In(r.Namespace, new ListBatchOperationsResponse());
            case ListWorkersRequest r: return In(r.Namespace, new ListWorkersResponse());
            case ListWorkerDeploymentsRequest r: return In(r.Namespace, new ListWorkerDeploymentsResponse());
            case GetWorkerVersioningRulesRequest r: return In(r.Namespace, new GetWorkerVersioningRulesResponse());
            case GetWorkerBuildIdCompatibilityRequest r: return In(r.Namespace, new GetWorkerBuildIdCompatibilityResponse());
            case ListNexusEndpointsRequest: return new ListNexusEndpointsResponse();
            default: return null;
        }

        IMessage In(string name, IMessage empty)
        {
            namespaces.Get(name);
            return empty;
        }
    }
}
