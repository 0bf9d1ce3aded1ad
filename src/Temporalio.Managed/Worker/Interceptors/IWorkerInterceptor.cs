namespace Temporalio.Worker.Interceptors;

/// <summary>Stands around what a worker runs. The first interceptor of a worker is the outermost.</summary>
public partial interface IWorkerInterceptor
{
    /// <summary>Returns an interceptor that calls the given one, or that one itself.</summary>
    ActivityInboundInterceptor InterceptActivity(ActivityInboundInterceptor nextInterceptor) => nextInterceptor;
}
