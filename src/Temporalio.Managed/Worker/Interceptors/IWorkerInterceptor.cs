namespace Temporalio.Worker.Interceptors;

/// <summary>Stands around what a worker runs. The first interceptor of a worker is the outermost.</summary>
public partial interface IWorkerInterceptor
{
    /// <summary>Returns an interceptor that calls the given one, or that one itself.</summary>
    ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => nextInterceptor;

    /// <summary>
    /// Returns an interceptor that calls the given one, or that one itself. Called once a run, and again whenever the run
    /// is replayed from its beginning, in the workflow's context: what it does must be deterministic.
    /// </summary>
    WorkflowInboundInterceptor InterceptWorkflow(WorkflowInboundInterceptor nextInterceptor) => nextInterceptor;
}
